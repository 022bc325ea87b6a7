// The trainer's job 'train': dataset → matrices → training with checkpoints → a packaged model version.

import { whereRowsWent } from '../../clean/where-rows-went.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { scaledTrain } from '../../ml/features/label-scale.ts'
import { tokenIdsOf } from '../../ml/features/token-feature.ts'
import { compileTransform } from '../../ml/features/transform.ts'
import { packageModel } from '../../ml/model/package.ts'
import { architectureOf, openNetwork } from '../../ml/networks/open.ts'
import { backendId, type EpochRecord, openCheckpoints } from '../../ml/training/checkpoint.ts'
import { chooseEngine } from '../../ml/training/engine/choose-engine.ts'
import { stepsPerEpoch } from '../../ml/training/input/epoch.ts'
import { type Matrix, matrixOf } from '../../ml/training/input/matrix.ts'
import { type TrainingOptions, trainModel } from '../../ml/training/loop.ts'
import type { DatasetManifest, Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import type { BackendName, ModelRef } from '../../schemas/model.ts'
import type { SplitName } from '../../schemas/plan.ts'
import type { TrainerJob, TrainerLine } from '../../schemas/trainer.ts'
import { describeRows } from './describe-rows.ts'
import { examineLabels } from './label-splits.ts'
import { writerTo } from './object-writer.ts'
import { readParts } from './read-parts.ts'
import { startWeights } from './start-weights.ts'
import { adviseOn } from './suspect-values.ts'

/** Shortest time between two progress lines. */
const PROGRESS_EVERY_MS = 200

export type TrainJob = Extract<TrainerJob, { job: 'train' }>

export interface JobContext {
  readonly store: Store
  readonly emit: (line: TrainerLine) => void
  /** a backend that the settings force; the job's own wins */
  readonly backend?: BackendName | undefined
  /** the setting SLUICE_GPU_FALLBACK: a plan that demands a GPU takes less */
  readonly gpuFallback?: boolean
  /** the setting SLUICE_EAGER: no compiled graphs */
  readonly forceEager?: boolean
  readonly signal?: AbortSignal
}

/** Trains and packages. Goes on from the newest whole checkpoint under the job's inputs. */
export async function runTrainJob(job: TrainJob, context: JobContext): Promise<ModelRef> {
  const { plan, dataset } = job
  const { store, emit, signal } = context
  const manifest = await readJson<DatasetManifest>(store, dataset)
  const transform = await readJson<Transform>(store, manifest.transform)
  const { tf, info, machine } = await openBackend({
    prefer: job.backend ?? context.backend,
    device: plan.train.device,
    lessAllowed: context.gpuFallback,
  })
  const rows = await matrixOfSplit(store, { manifest, transform, job, split: 'train' })
  const validation = await matrixOfSplit(store, { manifest, transform, job, split: 'validate' })
  const labels = { manifest, transform, predict: plan.predict, train: rows.labels, validate: validation.labels }
  const notes = await examineLabels(store, labels)
  const architecture = architectureOf(plan.train.model, transform.width, plan.predict, tokenIdsOf(transform))
  const network = await openNetwork(architecture)
  const weighted = plan.train.weight !== undefined
  const task = {
    tf,
    network,
    predict: plan.predict,
    train: scaledTrain(plan.train, transform.label),
    rows,
    validation,
    labels: rows.labels,
    weighted,
  }
  const { engine, why } = await chooseEngine({ ...task, backend: info, forceEager: context.forceEager ?? false })
  const backend = backendId(info, engine.kind)
  const checkpoints = await openCheckpoints(store, { pipeline: plan.name, inputs: job.inputs, backend, machine })
  const from = await checkpoints.newest()
  const steps = plan.train.epochs * stepsPerEpoch(rows.rows, plan.train.batch)
  const chosen = { kind: engine.kind, why }
  const begun = { fromStep: from?.step ?? 0, steps, rows: rows.rows, ...bestOf(from?.epochs) }
  emit({ type: 'started', backend: info, engine: chosen, ...begun, ...(notes.length > 0 && { notes }) })
  const start = job.start && (await startWeights(store, job.start, network))
  const trained = await trainModel({
    ...task,
    backend,
    engine,
    from,
    ...(start && { start }),
    describeRows: (positions) => describeRows(positions, manifest.parts.train),
    advise: adviseOn({ manifest, transform, predict: plan.predict, rows, validation }),
    ...reports(emit, steps),
    save: async (checkpoint) => {
      const ref = await checkpoints.save(checkpoint)
      emit({ type: 'checkpoint', checkpoint: ref })
      return ref
    },
    ...(signal && { signal }),
  })
  const validationPart = await readColumns(store, manifest.parts.validate[0]!)
  const facts = {
    plan,
    dataset,
    manifest,
    architecture,
    trained,
    backend: info,
    machines: checkpoints.machines(),
    code: job.code,
    start: job.start?.digest,
    notes,
  }
  return await packageModel(tf, writerTo(store), { ...facts, transform, validationPart })
}

/** What watchers compare with, when a training goes on. */
export function bestOf(epochs: readonly EpochRecord[] = []): { readonly best?: number } {
  const best = epochs.findLast((epoch) => epoch.best)
  return best === undefined ? {} : { best: best.validationLoss }
}

/** A small model takes thousands of steps a second: a watcher needs a few lines of them. */
function reports(emit: JobContext['emit'], steps: number): Pick<TrainingOptions, 'onProgress' | 'onEpoch'> {
  let last = Number.NEGATIVE_INFINITY
  return {
    onProgress(progress) {
      const now = performance.now()
      if (now - last < PROGRESS_EVERY_MS) return
      last = now
      const { rate, ...rest } = progress
      emit({ type: 'progress', steps, ...rest, learningRate: rate })
    },
    onEpoch: (record) => emit({ type: 'epoch', ...record }),
  }
}

async function matrixOfSplit(
  store: Store,
  options: { manifest: DatasetManifest; transform: Transform; job: TrainJob; split: SplitName },
): Promise<Matrix> {
  const { manifest, transform, job, split } = options
  const parts = manifest.parts[split]
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const taken = whereRowsWent(manifest.accounting)
  if (rows === 0) throw failure('TOO_FEW_ROWS', { split, expected: 1, found: 0, taken })
  const compiled = compileTransform(transform)
  const { predict, train } = job.plan
  const weight = split === 'train' ? train.weight : undefined
  const matrix = await matrixOf(readParts(store, parts), { transform: compiled, predict, rows, weight })
  if (matrix.rows === 0) {
    throw failure('TOO_FEW_ROWS', { split, expected: 1, found: `${rows} texts without a token`, taken })
  }
  return matrix
}
