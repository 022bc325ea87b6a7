// A pipeline from events to verdict in one process, for editing loops and a user's CI: the stages' own code on twins of broker and store.

import { type RejectReport, reportRejects } from '../../lake/snapshots/reject-report.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { DatasetRef } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { BackendName, GoldenRows, ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { StageName } from '../../schemas/run.ts'
import type { TrainerLine } from '../../schemas/trainer.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import { type MemoryRecord, memoryBroker } from '../../stream/kafka/memory.ts'
import { makeDataset } from '../clean/make-dataset.ts'
import { runEvaluateJob } from '../evaluate/evaluate-job.ts'
import { commitRanges, keepRanges } from '../ingest/commit-ranges.ts'
import { ingestRangeHere, type RangeClients } from '../ingest/range.ts'
import { waitingRanges } from '../ingest/waiting-ranges.ts'
import { runTrainJob } from '../train/train-job.ts'
import { fewerEpochs } from './shortened.ts'

export interface Rehearse extends Pick<RangeClients, 'registry' | 'personalKey'> {
  readonly plan: Plan
  readonly events: Iterable<MemoryRecord> | AsyncIterable<MemoryRecord>
  /** default: as many of the plan's as take about ten seconds */
  readonly epochs?: number | undefined
  /** a backend that the settings force */
  readonly backend?: BackendName | undefined
  readonly signal: AbortSignal
  /** before each stage */
  readonly onStage?: (stage: StageName) => void
  readonly onLine?: (line: TrainerLine) => void
  /** after ingest */
  readonly onRejects?: (rejects: RejectReport) => void
  /** after clean */
  readonly onDataset?: (dataset: DatasetRef) => void
}

export interface Rehearsed {
  readonly events: number
  readonly rejects: RejectReport
  readonly dataset: DatasetRef
  /** that training was given, and how many the plan says */
  readonly epochs: { readonly given: number; readonly planned: number }
  readonly candidate: ModelRef
  readonly evaluation: EvaluationRef
  readonly golden: GoldenRows
}

/** One for all events: the rows' times are the same every time, and so are the bytes. */
const TIMESTAMP = 0
/** bytes of event values per segment */
const MAX_RANGE_BYTES = 24 << 20
const SAMPLES = 3

/** Writes to memory alone. Throws what the stages throw, the signal's reason when it is aborted. */
export async function rehearse(options: Rehearse): Promise<Rehearsed> {
  const { plan, signal, backend, onStage, onLine } = options
  const store = memoryStore()
  onStage?.('ingest')
  const { snapshot, sourceId, events } = await ingestAll(store, options)
  const rejects = await reportRejects(store, { sourceId, maxSamples: SAMPLES })
  options.onRejects?.(rejects)
  signal.throwIfAborted()

  onStage?.('clean')
  const files = await snapshotSegments({ store, snapshot })
  const dataset = await makeDataset(store, { plan, snapshot, files }, { signal, onProgress: () => {} })
  options.onDataset?.(dataset)

  onStage?.('train')
  const { train } = plan
  const given =
    options.epochs ?? fewerEpochs(train.model.kind, { rows: dataset.accounting.split.train, epochs: train.epochs })
  const shortened = { ...plan, train: { ...train, epochs: given } }
  const context = { store, backend, signal, emit: (line: TrainerLine) => onLine?.(line) }
  const job = { job: 'train', plan: shortened, dataset, inputs: dataset.digest, code: 'rehearsal' } as const
  const candidate = await runTrainJob(job, context)

  onStage?.('evaluate')
  const trained = { job: 'evaluate', plan: shortened, dataset, model: candidate, champion: null } as const
  const evaluation = await runEvaluateJob(trained, context)
  const { digest } = candidate
  const card = await readJson<ModelCard>(store, { key: objectKey('models', digest, 'json'), sha256: digest })
  const golden = await readJson<GoldenRows>(store, card.golden)
  return { events, rejects, dataset, epochs: { given, planned: train.epochs }, candidate, evaluation, golden }
}

async function ingestAll(
  store: ReturnType<typeof memoryStore>,
  { plan, events, signal, registry = null, personalKey }: Rehearse,
) {
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
