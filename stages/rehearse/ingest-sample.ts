// Events that need no broker → a snapshot: ingest as it is, on a twin of the broker.

import type { Store } from '../../lake/store/store.ts'
import type { Plan } from '../../schemas/plan.ts'
import { type MemoryRecord, memoryBroker } from '../../stream/kafka/memory.ts'
import { commitRanges, keepRanges } from '../ingest/commit-ranges.ts'
import { ingestRangeHere, type RangeClients } from '../ingest/range.ts'
import { waitingRanges } from '../ingest/waiting-ranges.ts'

export interface Sample extends Pick<RangeClients, 'registry' | 'personalKey'> {
  readonly plan: Plan
  readonly events: Iterable<MemoryRecord> | AsyncIterable<MemoryRecord>
  readonly signal: AbortSignal
}

/** One for all events: the rows' times are the same every time, and so are the bytes. */
const TIMESTAMP = 0
/** bytes of event values per segment */
const MAX_RANGE_BYTES = 24 << 20

/** All events lie in one partition, in their order; `events`: how many they are. */
export async function ingestSample(store: Store, { plan, events, signal, registry = null, personalKey }: Sample) {
  const { topic } = plan.source
  const broker = memoryBroker()
  await broker.createTopic({ topic, partitions: 1 })
  let count = 0
  for await (const event of events) {
    broker.append(topic, 0, [{ timestamp: TIMESTAMP, ...event }])
    count++
  }
  const limits = { maxRangeBytes: MAX_RANGE_BYTES, compactRanges: 0 }
  const clients = { store, broker, limits, registry, personalKey }
  const { source, log, ranges } = await waitingRanges(clients, { plan, maxRows: Number.MAX_SAFE_INTEGER })
  const results = []
  for (const range of ranges)
    results.push(...(await ingestRangeHere(clients)({ plan, sourceId: source.id, range }, { signal })))
  const batches = [await keepRanges(store, results)]
  const snapshot = await commitRanges(clients, { source, batches, commitId: 'rehearsal', log })
  return { snapshot, sourceId: source.id, events: count }
}
