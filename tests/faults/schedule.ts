// One random fault schedule: a seed decides how many writers ingest, what goes wrong how often, and when writers crash.
import { randomUUID } from 'node:crypto'
import { deriveSeed, type Random, seededRandom } from '../../core/random.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import type { Store } from '../../lake/store/store.ts'
import { deleteGarbage, findGarbage } from '../../lake/upkeep/collect.ts'
import { type Ground, growing, MAX_RANGE_ROWS, violations } from './ground.ts'
import { FAULTS, type Fault, startFaultProxy } from './proxy.ts'
import { ingestToEnd, type Journal } from './writer.ts'

export interface Outcome {
  readonly seed: number
  readonly faults: number
  readonly crashes: number
  readonly violations: readonly string[]
}

/** Crashes are drawn by the writers themselves. */
const INJECTED = FAULTS.filter((fault) => fault !== 'kill')
const PARTS_SHARE = 0.25
const COLLECT_SHARE = 0.25
const HOUR_MS = 3_600_000
/** So that a schedule ends: after that many nothing goes wrong any more. */
const MAX_FAULTS = 40
const MAX_CRASHES = 6

/**
 * Runs the schedule of `seed` in a lake of its own. The seed fixes all draws; which request meets which draw also depends on how
 * the writers' requests interleave.
 */
async function runSchedule(ground: Ground, seed: number): Promise<Outcome> {
  const random = seededRandom(seed)
  const prefix = `chaos/${seed}-${randomUUID()}/`
  const share = 0.02 + 0.25 * random()
  const writers = 1 + Math.floor(random() * 3)
  const broker = growing(ground.broker, 1 + Math.floor(random() * 4))
  // every object in parts, entries of the chain too; and collection when all is quiet
  const options = random() < PARTS_SHARE ? { multipartAboveBytes: 0 } : {}
  const collects = random() < COLLECT_SHARE
  const counts = { faults: 0, crashes: 0 }
  const choose = (): Fault | null => {
    if (counts.faults >= MAX_FAULTS || random() >= share) return null
    counts.faults++
    return INJECTED[Math.floor(random() * INJECTED.length)]!
  }
  const { s3 } = ground.endpoints
  const proxy = await startFaultProxy({ target: s3.endpoint!, choose, slowMs: 30 })
  const write = async (_: unknown, i: number): Promise<void> => {
    const store = openS3Store({ ...s3, endpoint: proxy.endpoint }, { prefix, ...options })
    const crash = crashes(seededRandom(deriveSeed(seed, 'crash', i)), counts)
    try {
      await withCrashes({ store, broker, name: `writer-${i}` }, { ground, crash })
    } finally {
      store.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: writers }, write))
  } catch (error) {
    return { seed, ...counts, violations: [`a writer gave up: ${error instanceof Error ? error.message : error}`] }
  } finally {
    await proxy.close()
  }
  const store = openS3Store(s3, { prefix })
  try {
    const found = collects ? await collected(store, ground) : []
    return { seed, ...counts, violations: [...found, ...(await violations(store, ground))] }
  } finally {
    store.close()
  }
}

/** Deletes all that nothing needs, as if it were old; what is wrong when that is not all that there was. */
async function collected(store: S3Store, { sourceId, plan }: Ground): Promise<string[]> {
  const find = () => findGarbage({ store, sourceId, pipeline: plan.name, beforeMs: Date.now() + HOUR_MS })
  await deleteGarbage(store, await find())
  await store.abortUploads('', { beforeMs: Date.now() + HOUR_MS })
  return (await find()).map(({ key }) => `collected twice: ${key}`)
}

class Crash extends Error {}

function crashes(random: Random, counts: { crashes: number }): () => void {
  return () => {
    if (counts.crashes >= MAX_CRASHES || random() >= 0.04) return
    counts.crashes++
    throw new Crash()
  }
}

interface Ingest {
  readonly store: Store
  readonly broker: Ground['broker']
  readonly name: string
}

/** Starts the writer again after each crash, from the journal as it was last kept: a finished step may be unknown to it. */
async function withCrashes(writer: Ingest, { ground, crash }: { ground: Ground; crash: () => void }): Promise<void> {
  let kept: Journal = { round: 1 }
  const keep = (journal: Journal): void => {
    crash()
    kept = structuredClone(journal)
  }
  for (;;) {
    const journal = structuredClone(kept)
    try {
      const { plan } = ground
      return await ingestToEnd({ ...writer, plan, journal, keep, beforeAttempt: crash, maxRangeRows: MAX_RANGE_ROWS })
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
}

export interface Schedules {
  readonly seeds: readonly number[]
  /** schedules at a time: most of each is waiting */
  readonly parallel: number
  readonly onOutcome?: (outcome: Outcome) => void
}

/** All outcomes, in no order. */
export async function runSchedules(ground: Ground, { seeds, parallel, onOutcome }: Schedules): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < seeds.length) {
      const outcome = await runSchedule(ground, seeds[next++]!)
      outcomes.push(outcome)
      onOutcome?.(outcome)
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return outcomes
}

/** "seed 12: …", what repeats it included. */
export function describeViolation({ seed, violations: found }: Outcome): string {
  return `seed ${seed}: ${found.join('; ')} (npm run chaos -- --seed ${seed})`
}
