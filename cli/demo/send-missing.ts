// Brings a topic to the point after a batch of example events, without sending again what is there.
import { setImmediate } from 'node:timers/promises'
import type { Config } from '../../core/config.ts'
import type { DemoEvent } from '../../schemas/event.ts'
import type { Plan } from '../../schemas/plan.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { requireEndpoints } from '../clients.ts'
import type { Progress } from '../output/progress.ts'
import { exampleEvents } from '../send-events.ts'
import { sendInBatches } from '../send-in-batches.ts'

/** The producer has at most one batch on its way; a sender that was killed may have left a part of it. */
const ON_ITS_WAY = 2_000

export interface SendMissing {
  readonly config: Config
  readonly plan: Plan
  readonly batch: number
  /** events of the batches before this one */
  readonly startsAt: number
  readonly progress: Progress
}

export interface Sent {
  readonly sent: number
  /** events of all batches up to this one */
  readonly end: number
}

/** Counts by offsets; whole batches are made before the first event leaves, so that a trigger sees all of it or little. */
export async function sendMissing({ config, plan, batch, startsAt, progress }: SendMissing): Promise<Sent> {
  const present = await countRecords(config, plan.source.topic)
  const events = await listed(await exampleEvents({ projectDir: config.projectDir, pipeline: plan.name, batch }))
  const end = startsAt + events.length
  const missing = missingEvents(events, present - startsAt)
  if (missing.length === 0) return { sent: 0, end }
  const { sent } = await sendInBatches({
    kafka: requireEndpoints(config).kafka,
    topic: plan.source.topic,
    events: missing,
    onProgress: (value) => progress.update({ label: 'send', value, total: missing.length }),
  })
  return { sent, end }
}

const LISTED_AT_ONCE = 1_000

/** Making them takes a second: Ctrl-C gets its turn in between. */
async function listed(events: Iterable<DemoEvent>): Promise<DemoEvent[]> {
  const all: DemoEvent[] = []
  for (const event of events) if (all.push(event) % LISTED_AT_ONCE === 0) await setImmediate()
  return all
}

/**
 * Events that are still to be sent when `present` records are there. After a sender that was killed, what was on its way
 * is sent again as a whole: nothing is missing then, and what comes twice is dropped by its id. Pure.
 */
export function missingEvents<T>(events: readonly T[], present: number): readonly T[] {
  if (present >= events.length) return []
  return events.slice(Math.max(0, present - ON_ITS_WAY))
}

/** Offsets of all partitions that were ever given out, as readers of committed records see them. */
async function countRecords(config: Config, topic: string): Promise<number> {
  const broker = await connectBroker({ ...requireEndpoints(config).kafka, clientId: 'sluice-demo' })
  try {
    return (await broker.topicEnds(topic)).reduce((sum, { lastStableOffset }) => sum + lastStableOffset, 0)
  } finally {
    await broker.close()
  }
}
