// From the last snapshot to the end of the topic: plan, read ranges side by side, commit, until caught up.
import { ActivityFailure, ApplicationFailure, patched, workflowInfo } from '@temporalio/workflow'
import type { Committed, IngestCommit, IngestedBatch } from '../activities/ingest.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { Coverage, SnapshotRef } from '../schemas/manifest.ts'
import type { IngestTotals } from '../schemas/run.ts'
import type { OffsetRange } from '../schemas/segment.ts'
import { brief, commit, reader } from './proxies.ts'

/** Activities that read at the same time. */
const LANES = 8
/** A round's ranges become at most this many activities: three events each, and up to three for what the workflow does then. */
const MAX_BATCHES = 64
/** A round is at most 6 × 64 events for its batches and a dozen for planning and committing: two stay under a thousand. */
const MAX_EVENTS_BEFORE_A_ROUND = 600
/** Names the change that bounded histories by their length. */
const BOUNDED = 'a long history ends the run'
/** Lost races in a row after which something else is wrong. */
const MAX_CONFLICTS = 25

export interface Ingested extends IngestTotals {
  /** newest snapshot; null: the topic never held a record */
  readonly snapshot: SnapshotRef | null
  /** true: the history became long before the end of the topic was reached; the next run goes on with these totals */
  readonly more: boolean
}

export interface CatchUpOptions {
  /** of the runs that this one continues */
  readonly before?: IngestTotals | undefined
  /** called right before the topic is looked at: what was asked for up to here is covered by what follows */
  readonly beforePlanning?: () => void
  readonly onProgress?: (detail: string) => void
}

/** Throws when ranges cannot be read or committed. A race lost to another run is planned again from the new head. */
export async function catchUp(plan: CarriedPlan, options: CatchUpOptions = {}): Promise<Ingested> {
  const { before = NOTHING, beforePlanning, onProgress } = options
  const total: Writable<IngestTotals> & { ranges: Coverage[] } = { ...before, ranges: [...before.ranges] }
  let conflicts = 0
  for (let round = 1; ; round++) {
    beforePlanning?.()
    const { source, head, log, ranges, more } = await brief.planIngest({ plan })
    if (ranges.length === 0) return { ...total, ranges: joined(total.ranges), snapshot: head, more: false }
    const batches = await inLanes(batchesOf(ranges), async (batch, done, all) => {
      onProgress?.(`reading ${ranges.length} ranges: ${done} of ${all} batches done`)
      const summary = describe(batch)
      return await reader.ingestRanges.executeWithOptions({ summary }, [{ plan, source, ranges: batch }])
    })
    onProgress?.(`committing ${ranges.length} ranges`)
    const committed = await commitOrNull({
      source,
      batches,
      commitId: commitId(round),
      pipeline: plan.name,
      ...(log && { log }),
    })
    if (committed === null) {
      if (++conflicts >= MAX_CONFLICTS)
        throw ApplicationFailure.nonRetryable(`${conflicts} commits lost to other runs`, 'CHAIN_CONFLICT')
      continue
    }
    const { offsetsPublished = true, ...snapshot } = committed
    if (!offsetsPublished) total.unpublished = (total.unpublished ?? 0) + 1
    total.ranges.push(...ranges.map(({ partition, start, end }) => ({ partition, start, end })))
    for (const batch of batches) {
      total.rows += batch.rows
      total.rejects += batch.rejects
    }
    if (!more || isLong()) return { ...total, ranges: joined(total.ranges), snapshot, more }
  }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

const NOTHING: IngestTotals = { ranges: [], rows: 0, rejects: 0 }

/** Another round would make the history too long. */
function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo()
  return continueAsNewSuggested || (historyLength > MAX_EVENTS_BEFORE_A_ROUND && patched(BOUNDED))
}

/** What the next run is told. */
export function totalsOf({ ranges, rows, rejects, unpublished }: IngestTotals): IngestTotals {
  return { ranges, rows, rejects, ...(unpublished === undefined ? {} : { unpublished }) }
}

/** Known before the first attempt, so that a commit whose answer was lost is found again. */
function commitId(round: number): string {
  const { workflowId, runId } = workflowInfo()
  return `${workflowId}/${runId}/${round}`
}

async function commitOrNull(input: IngestCommit): Promise<Committed | null> {
  try {
    return await commit.commitIngest(input)
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined
    if (cause instanceof ApplicationFailure && cause.type === 'CHAIN_CONFLICT') return null
    throw error
  }
}

/** One range per activity while they are few, more per activity when they are many. */
export function batchesOf(ranges: readonly OffsetRange[]): OffsetRange[][] {
  const size = Math.ceil(ranges.length / MAX_BATCHES)
  return Array.from({ length: Math.ceil(ranges.length / size) }, (_, i) => ranges.slice(i * size, (i + 1) * size))
}

/** What the UI shows beside the activity. */
function describe(batch: readonly OffsetRange[]): string {
  const [first] = batch
  const more = batch.length === 1 ? '' : ` and ${batch.length - 1} more ranges`
  return first === undefined ? 'nothing' : `partition ${first.partition} [${first.start}, ${first.end})${more}`
}

/** Neighbouring ranges of a partition as one. */
export function joined(ranges: readonly Coverage[]): Coverage[] {
  const sorted = [...ranges].sort((a, b) => a.partition - b.partition || a.start - b.start)
  const result: Coverage[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last?.partition === range.partition && last.end === range.start)
      result[result.length - 1] = { ...last, end: range.end }
    else result.push(range)
  }
  return result
}

/** Runs `work` over the items, a few at a time; results are in the items' order. */
async function inLanes(
  items: readonly OffsetRange[][],
  work: (item: OffsetRange[], done: number, all: number) => Promise<IngestedBatch>,
): Promise<IngestedBatch[]> {
  const results: IngestedBatch[] = []
  let next = 0
  let done = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index]!, done, items.length)
      done++
    }
  }
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane))
  return results
}
