// A source that grows commit by commit, with windows so small that a few events fill many.
import fc from 'fast-check'
import { snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import type { Store } from '../../../lake/store/store.ts'
import type { DatasetRef } from '../../../schemas/dataset.ts'
import type { SnapshotRef } from '../../../schemas/manifest.ts'
import type { Plan } from '../../../schemas/plan.ts'
import { makeDataset } from '../../../stages/clean/make-dataset.ts'
import { demoEvents, ingestAll, openTwins, type Twins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

/** `offsets` per window: what a text may take in a part's memory decides it. */
const planOf = (offsets: number): Plan =>
  aPlan({
    columns: [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
      { name: 'y', kind: 'flag' },
      { name: 'kind', kind: 'category' },
      { name: 'note', kind: 'text', maxBytes: Math.floor((2 ** 31 - 1) / offsets) },
    ],
    rules: [
      { name: 'x is small', action: 'quarantine', unless: { check: 'between', column: 'x', low: -9.5, high: 9.5 } },
      { name: 'x is no zero', action: 'drop', unless: { check: 'between', column: 'x', low: -100, high: 99 } },
    ],
    features: [
      { column: 'x', encode: 'standardize', log: false },
      { column: 'kind', encode: 'oneHot' },
    ],
  })

export const PLAN = planOf(4)
/** windows of which some have hardly begun */
export const WIDER = planOf(128)

export interface SentEvent {
  readonly partition: number
  /** equal ones are duplicates */
  readonly id: number
  readonly time: number
  readonly isBroken: boolean
}

/** Events of one commit; ids repeat within and across commits, times run in any direction. */
export const commitArbitrary = fc.array(
  fc.record({
    partition: fc.nat(1),
    id: fc.nat(60),
    time: fc.nat(9),
    isBroken: fc.nat(19).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 60 },
)

/** Two partitions with 200 events in all, so that no split is empty. */
export async function openSource(changes: Parameters<typeof openTwins>[0] = {}): Promise<Twins> {
  const twins = openTwins({ limits: { maxRangeRows: 7, maxRangeBytes: 1_000_000 }, ...changes })
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  for (const partition of [0, 1])
    twins.broker.append('demo', partition, demoEvents(100, 1_000 + partition * 100).map(withMore))
  return twins
}

const withMore = <T extends { readonly value: string }>(event: T): T => ({
  ...event,
  value: JSON.stringify({ ...JSON.parse(event.value), kind: `k${event.value.length % 3}`, note: 'n' }),
})

/** Sends and ingests them; the snapshot after. */
export async function commit(twins: Twins, events: readonly SentEvent[], commitId: string): Promise<SnapshotRef> {
  for (const { partition, id, time, isBroken } of events) {
    const x = ((id * 37) % 200) / 10 - 10
    const value = isBroken ? '{' : JSON.stringify({ id: `e${id}`, x, y: x > 0, kind: `k${id % 5}`, note: `${time}` })
    twins.broker.append('demo', partition, [{ key: 'k', value, timestamp: 1_700_000_000_000 + time }])
  }
  return (await ingestAll(twins, PLAN, commitId))!
}

const HOOKS = { signal: new AbortController().signal, onProgress: () => {} }

/** `code`: results of windows are kept under it, and those that are there are taken; null: everything is made anew. */
export async function clean(
  store: Store,
  snapshot: SnapshotRef,
  code: string | null,
  plan = PLAN,
): Promise<DatasetRef> {
  const files = await snapshotSegments({ store, snapshot })
  return await makeDataset(store, { plan, snapshot, files, code }, HOOKS)
}
