// The activities on memory twins: a broker with events, an empty store, a trainer that the test plays.
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import type { Deps } from '../../activities/deps.ts'
import { createDataActivities, createTrainingActivities } from '../../activities/index.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { type MemoryBroker, memoryBroker } from '../../stream/kafka/memory.ts'

export interface Twins {
  readonly broker: MemoryBroker
  readonly store: Store
  /** every key that the store holds */
  keys(): Promise<string[]>
  readonly activities: ReturnType<typeof createDataActivities> & ReturnType<typeof createTrainingActivities>
}

/** `changes` replace single dependencies. */
export function openTwins(changes: Partial<Deps> = {}): Twins {
  const broker = memoryBroker()
  const store = changes.store ?? memoryStore()
  const parts = {
    store,
    broker,
    limits: { maxRangeRows: 50, maxRangeBytes: 1_000_000 },
    ...changes,
  }
  const deps: Deps = {
    ingestRange: ingestRangeHere(parts),
    temporal: { workflow: undefined as never },
    backend: undefined,
    projectDir: '.',
    runTrainer: () => Promise.reject(new Error('no trainer in this test')),
    code: { clean: 'clean-1', train: 'train-1', evaluate: 'evaluate-1' },
    ...parts,
  }
  return {
    broker,
    store,
    activities: { ...createDataActivities(deps), ...createTrainingActivities(deps) },
    async keys() {
      const keys: string[] = []
      for await (const key of store.list('')) keys.push(key)
      return keys
    },
  }
}

/** Runs `work` as an activity; `heartbeatDetails`: what the attempt before left. */
export async function asActivity<T>(
  work: () => Promise<T>,
  heartbeatDetails?: unknown,
): Promise<{ result: T; beats: unknown[] }> {
  const info = heartbeatDetails === undefined ? {} : { heartbeatDetails }
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') })
  const beats: unknown[] = []
  environment.on('heartbeat', (details: unknown) => beats.push(details))
  return { result: await environment.run(work), beats }
}

/** Ingests everything that waits, as the workflow does. */
export async function ingestAll({ activities }: Twins, plan: Plan, commitId: string) {
  const { source, log, ranges } = await activities.planIngest({ plan })
  const { result } = await asActivity(() => activities.ingestRanges({ plan, source, ranges: ranges as OffsetRange[] }))
  return await activities.commitIngest({ source, batches: [result], commitId, ...(log && { log }) })
}

/** Events of the demo plan: x tells y. */
export function demoEvents(count: number, from = 0): { key: string; value: string; timestamp: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    return {
      key: `k${n}`,
      timestamp: 1_700_000_000_000 + n,
      value: JSON.stringify({ id: `e${n}`, x: Math.sin(n) * 10, y: Math.sin(n) > 0 }),
    }
  })
}
