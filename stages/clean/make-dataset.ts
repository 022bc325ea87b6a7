// The segments of a snapshot → a dataset's parts, transform and manifest in the store.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { type CleanedPart, createCleaner, firstsOf } from '../../clean/cleaner.ts'
import type { FirstArrivals } from '../../clean/first-arrivals.ts'
import { digestOf } from '../../core/digest.ts'
import { encodeColumns } from '../../lake/columns/arrow.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { contentOf } from '../../lake/snapshots/ranges-in-force.ts'
import type { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { putJson, putObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { recipeOf } from '../../plan/recipe.ts'
import type { DatasetManifest, DatasetRef, PartRef } from '../../schemas/dataset.ts'
import type { SnapshotRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'

type Files = Awaited<ReturnType<typeof snapshotSegments>>

/**
 * The bytes of every row, the number of records that never became rows, and which commits brought them, since that decides between
 * equal ids. Whether they were compacted since does not matter.
 */
export function dataDigest({ segments, rejects, coverage, arrivals }: Files, { source }: SnapshotRef): string {
  return digestOf({
    source,
    coverage,
    arrivals,
    segments: contentOf(segments),
    rejects: contentOf(rejects),
  })
}

export interface DatasetWork {
  readonly plan: Plan
  readonly snapshot: SnapshotRef
  readonly files: Files
}

export interface DatasetHooks {
  /** its reason is thrown between two segments */
  readonly signal: AbortSignal
  /** told after every segment that was read and every part that was written */
  readonly onProgress: (place: Readonly<Record<string, string | number>>) => void
}

/**
 * Streams the segments through the cleaner: never more than one segment, one part per target and the ids in memory. They are read
 * twice where a row turns out to have arrived before one of the same id that stands before it.
 */
export async function makeDataset(
  store: Store,
  { plan, snapshot, files }: DatasetWork,
  hooks: DatasetHooks,
): Promise<DatasetRef> {
  const firsts = firstsOf(plan, files.arrivals)
  const clean = () => cleanSegments(store, { plan, files, firsts }, hooks)
  let cleaned = await clean()
  if (cleaned === null) {
    firsts?.settle()
    cleaned = await clean()
    assert(cleaned !== null, 'settled arrivals are not overtaken')
  }
  const { parts, transform, accounting } = cleaned
  const manifest: DatasetManifest = {
    kind: 'dataset',
    pipeline: plan.name,
    lineage: { source: snapshot.source, coverage: files.coverage },
    recipe: recipeOf(plan).clean,
    parts: { train: parts.of('train'), validate: parts.of('validate'), test: parts.of('test') },
    transform: await putJson(store, { kind: 'transforms', value: transform }),
    quarantine: parts.of('quarantine'),
    accounting,
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting }
}

/** Null when a row was overtaken: the parts written so far are of no dataset. */
async function cleanSegments(
  store: Store,
  { plan, files, firsts }: Pick<DatasetWork, 'plan' | 'files'> & { readonly firsts: FirstArrivals | null },
  { signal, onProgress }: DatasetHooks,
) {
  const parts = partWriter(store, onProgress)
  const cleaner = createCleaner(plan, { firsts })
  for (const [index, segment] of files.segments.entries()) {
    signal.throwIfAborted()
    await parts.write(cleaner.add(await readColumns(store, segment)))
    onProgress({ segment: index + 1, of: files.segments.length })
    await setImmediate() // other work of the process gets its turn
  }
  if (firsts?.isOvertaken()) return null
  const decodeRejects = files.rejects.reduce((total, { rows }) => total + rows, 0)
  const { parts: last, transform, accounting } = cleaner.finish({ decodeRejects })
  await parts.write(last)
  return { parts, transform, accounting }
}

/** Writes parts as they become full and keeps their references in order. */
function partWriter(store: Store, onProgress: DatasetHooks['onProgress']) {
  const refs = new Map<CleanedPart['target'], PartRef[]>()
  const of = (target: CleanedPart['target']): PartRef[] => refs.get(target) ?? []
  return {
    of,
    async write(parts: readonly CleanedPart[]): Promise<void> {
      for (const { target, columns } of parts) {
        const ref = await putObject(store, { kind: 'parts', extension: 'arrow', bytes: encodeColumns(columns) })
        refs.set(target, [...of(target), { ...ref, rows: columns.rows }])
        onProgress({ target, parts: of(target).length })
      }
    },
  }
}
