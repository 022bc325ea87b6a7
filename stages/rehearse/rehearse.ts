// A pipeline from events to verdict in one process, for editing loops and a user's CI: the stages' own code on twins of broker and store.

import { type RejectReport, reportRejects } from '../../lake/snapshots/reject-report.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { DatasetRef } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { BackendName, GoldenRows, ModelCard, ModelRef } from '../../schemas/model.ts'
import type { StageName } from '../../schemas/run.ts'
import type { TrainerLine } from '../../schemas/trainer.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import { makeDataset } from '../clean/make-dataset.ts'
import { runEvaluateJob } from '../evaluate/evaluate-job.ts'
import { runTrainJob } from '../train/train-job.ts'
import { ingestSample, type Sample } from './ingest-sample.ts'
import { fewerEpochs } from './shortened.ts'

export interface Rehearse extends Sample {
  /** default: as many of the plan's as take about ten seconds */
  readonly epochs?: number | undefined
  /** a backend that the settings force */
  readonly backend?: BackendName | undefined
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

const SAMPLES = 3

/** Writes to memory alone. Throws what the stages throw, the signal's reason when it is aborted. */
export async function rehearse(options: Rehearse): Promise<Rehearsed> {
  const { plan, signal, backend, onStage, onLine } = options
  const store = memoryStore()
  onStage?.('ingest')
  const { snapshot, sourceId, events } = await ingestSample(store, options)
  const rejects = await reportRejects(store, { sourceId, maxSamples: SAMPLES })
  options.onRejects?.(rejects)
  signal.throwIfAborted()

  onStage?.('clean')
  const files = await snapshotSegments({ store, snapshot })
  const dataset = await makeDataset(store, { plan, snapshot, files, code: null }, { signal, onProgress: () => {} })
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
