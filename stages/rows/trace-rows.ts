// The records of the lake that did not come into the dataset, one after the other, by the plan's rules as they are now.
import { firstsOf } from '../../clean/first-arrivals.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { readRejects } from '../../lake/snapshots/segment.ts'
import type { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Reject, RejectsRef } from '../../schemas/segment.ts'
import type { Fate, TracedRow } from '../../schemas/traced-row.ts'
import { rememberFirsts, traceBatch } from './trace-batch.ts'

export interface TraceRows {
  readonly plan: Plan
  readonly files: Awaited<ReturnType<typeof snapshotSegments>>
  readonly wanted: ReadonlySet<Fate>
}

/**
 * By partition and offset, rejects last. In memory is one file at a time, and for duplicates every id of the lake, as in cleaning; the lake
 * is then read twice, since a later file may hold the row that came first.
 */
export async function* traceRows(store: Store, { plan, files, wanted }: TraceRows): AsyncGenerator<TracedRow> {
  const { topic } = plan.source
  const isWanted = (fate: Fate): boolean => wanted.has(fate)
  const firsts = isWanted('duplicate') || isWanted('kept') ? await settledFirsts(store, { plan, files }) : null
  if (['kept', 'quarantined', 'dropped', 'duplicate'].some((fate) => wanted.has(fate as Fate))) {
    for (const segment of files.segments) {
      yield* traceBatch(await readColumns(store, segment), { plan, topic, firsts, isWanted })
    }
  }
  if (isWanted('undecoded')) for (const file of files.rejects) yield* await undecodedIn(store, file)
}

/** Which row stays for every id. */
async function settledFirsts(store: Store, { plan, files }: Pick<TraceRows, 'plan' | 'files'>) {
  const firsts = firstsOf(plan, files.arrivals)
  if (firsts === null) return null
  for (const segment of files.segments) rememberFirsts(await readColumns(store, segment), { plan, firsts })
  firsts.settle()
  return firsts
}

async function undecodedIn(store: Store, file: RejectsRef): Promise<TracedRow[]> {
  return (await readRejects(store, file)).map((reject) => undecoded(reject, file.range.topic))
}

function undecoded({ partition, offset, timestamp, reasons }: Reject, topic: string): TracedRow {
  const at = new Date(Number(timestamp))
  const time = Number(timestamp) < 0 || Number.isNaN(at.getTime()) ? null : at.toISOString()
  const failed = reasons.map((found) => ({ rule: 'decode', column: null, expected: 'an event of the columns', found }))
  return {
    topic,
    partition,
    offset,
    time,
    fate: 'undecoded',
    id: null,
    rule: 'decode',
    failed,
    split: null,
    first: null,
    row: null,
  }
}
