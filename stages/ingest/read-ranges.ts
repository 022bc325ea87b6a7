// A batch of ranges → their objects in the store, and notes of what is there already, so that another attempt goes on from it.
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { ObjectRef, OffsetRange, RangeResult } from '../../schemas/segment.ts'
import { type IngestedBatch, keepRanges } from './commit-ranges.ts'
import type { IngestRange } from './range.ts'

/** A note costs a request: what was read since the last one is read again after a kill. */
const NOTE_EVERY_MS = 2_000

/** Where a batch stands: what a heartbeat says, and what the next attempt begins from. */
export interface BatchPlace {
  readonly partition: number
  readonly start: number
  readonly end: number
  /** RangeResult[] as JSON: what is in the store; absent: nothing worth a note */
  readonly kept?: ObjectRef
}

export interface BatchWork {
  readonly plan: Plan
  readonly sourceId: string
  readonly ranges: readonly OffsetRange[]
  /** of the attempt before */
  readonly before: BatchPlace | undefined
}

export interface BatchHooks {
  readonly signal: AbortSignal
  /** told when another range begins, and when a note was kept */
  readonly onPlace: (place: BatchPlace) => void
  /** told after every piece that is in the store */
  readonly onPiece: (place: BatchPlace) => void
}

/** Throws what `ingestRange` throws. */
export async function readRanges(
  { store, ingestRange }: { readonly store: Store; readonly ingestRange: IngestRange },
  { plan, sourceId, ranges, before }: BatchWork,
  { signal, ...hooks }: BatchHooks,
): Promise<IngestedBatch> {
  const results = await keptResults(store, before?.kept)
  const notes = noteTaker(store, results)
  for (const range of leftOf(ranges, results)) {
    const placeOf = (at: OffsetRange): BatchPlace => placeIn(at, notes.newest() ?? before?.kept)
    hooks.onPlace(placeOf(range))
    const pieces: RangeResult[] = []
    const onPiece = (piece: RangeResult): void => {
      pieces.push(piece)
      notes.take([...results, ...pieces], () => hooks.onPlace(placeOf(piece.range)))
      hooks.onPiece(placeOf(piece.range))
    }
    results.push(...(await ingestRange({ plan, sourceId, range }, { signal, onPiece })))
  }
  await notes.settled()
  return await keepRanges(store, results)
}

/** What no piece covers yet: pieces of a range follow each other from its start. */
function leftOf(ranges: readonly OffsetRange[], pieces: readonly RangeResult[]): OffsetRange[] {
  return ranges.flatMap((range) => {
    const within = pieces.filter(
      ({ range: piece }) => piece.partition === range.partition && piece.start >= range.start && piece.end <= range.end,
    )
    const start = Math.max(range.start, ...within.map(({ range: piece }) => piece.end))
    return start < range.end ? [{ ...range, start }] : []
  })
}

async function keptResults(store: Store, kept: ObjectRef | undefined): Promise<RangeResult[]> {
  if (kept === undefined) return []
  return await readJson<RangeResult[]>(store, kept).catch((error: unknown) => {
    if (isFailure(error, 'OBJECT_MISSING')) return [] // collected since: all of it is read anew
    throw error
  })
}

/** Keeps one note at a time, and not for what took less time than a note is worth. */
function noteTaker(store: Store, before: readonly RangeResult[]) {
  let newest: ObjectRef | undefined
  let count = before.length
  let lastMs = performance.now()
  let keeping: Promise<void> | undefined
  return {
    newest: () => newest,
    take(results: readonly RangeResult[], onKept: () => void): void {
      if (keeping !== undefined || results.length === count || performance.now() - lastMs < NOTE_EVERY_MS) return
      lastMs = performance.now()
      count = results.length
      keeping = keepRanges(store, results)
        .then((kept) => {
          newest = kept.results
          onKept()
        })
        .catch(() => {}) // the next note tries again, and the end of the batch tells what is wrong with the store
        .finally(() => {
          keeping = undefined
        })
    },
    settled: async () => await keeping,
  }
}

function placeIn({ partition, start, end }: OffsetRange, kept: ObjectRef | undefined): BatchPlace {
  return { partition, start, end, ...(kept && { kept }) }
}
