// The job 'train' with a trainer of one's own: rows out to the program, its weights in, packaged and judged like any other model.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, childEnvironment } from '../../../core/config.ts'
import { sha256 } from '../../../core/digest.ts'
import { metricsOf } from '../../../judge/metrics.ts'
import { readColumns } from '../../../lake/columns/read.ts'
import { readJson } from '../../../lake/store/objects.ts'
import { openBackend } from '../../../ml/backend.ts'
import { scaledTrain } from '../../../ml/features/label-scale.ts'
import { tokenIdsOf } from '../../../ml/features/token-feature.ts'
import { loadModel, type Model, packModel } from '../../../ml/model/model.ts'
import { packageModel } from '../../../ml/model/package.ts'
import { type Architecture, architectureOf, openNetwork } from '../../../ml/networks/open.ts'
import { headOf } from '../../../ml/operations/head.ts'
import { stepsPerEpoch } from '../../../ml/training/input/epoch.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import type { DatasetManifest, Transform } from '../../../schemas/dataset.ts'
import { type ExternalJob, TRAINER_CONTRACT } from '../../../schemas/external-trainer.ts'
import { failure } from '../../../schemas/failures.ts'
import type { ModelRef } from '../../../schemas/model.ts'
import type { Plan, PredictSpec, TrainerSpec } from '../../../schemas/plan.ts'
import { examineLabels } from '../label-splits.ts'
import { writerTo } from '../object-writer.ts'
import { startWeights } from '../start-weights.ts'
import { bestOf, type JobContext, type TrainJob } from '../train-job.ts'
import { type ExternalCheckpoints, type Given, openExternalCheckpoints, type Told } from './checkpoints.ts'
import { openHandover } from './handover.ts'
import { runExternalProgram } from './program.ts'
import { openTrainerFolder, writeTrainerDataset } from './trainer-folder.ts'
import { type ExternalWeights, openExternalWeights } from './weights.ts'

export interface ExternalContext extends JobContext {
  readonly config: Pick<Config, 'projectDir' | 'stateDir' | 'endpoints'>
}

/**
 * Runs the plan's trainer once. It is handed the newest whole checkpoint that it gave away under the job's inputs; they are deleted when
 * the model is there. Throws TRAINER_CHANGED, TRAINER_FAILED, TRAINER_DIED, TRAINER_OUTPUT_INVALID.
 */
export async function runExternalTrainJob(
  job: TrainJob,
  trainer: TrainerSpec,
  context: ExternalContext,
): Promise<ModelRef> {
  const { plan, dataset } = job
  const { store, config } = context
  await requireSameFiles(trainer, { projectDir: config.projectDir, pipeline: plan.name })
  const manifest = await readJson<DatasetManifest>(store, dataset)
  const transform = await readJson<Transform>(store, manifest.transform)
  const architecture = architectureOf(plan.train.model, transform.width, plan.predict, tokenIdsOf(transform))
  const command = trainer.command.join(' ')
  const checkpoints = openExternalCheckpoints(store, { pipeline: plan.name, inputs: job.inputs, trainer: command })
  const { folder, remove } = await openTrainerFolder(config.stateDir)
  try {
    const start = job.start && (await startWeights(store, job.start, await openNetwork(architecture)))
    const weights = await openExternalWeights(folder, { architecture, seed: plan.train.seed, start })
    const { splits, training, validation } = await writeTrainerDataset(folder, { store, manifest, transform, plan })
    const labels = { manifest, transform, predict: plan.predict, train: training.labels, validate: validation.labels }
    const notes = await examineLabels(store, labels)
    const from = await restoreInto(join(folder, 'checkpoints'), checkpoints)
    const task = externalJob(
      { ...plan, train: scaledTrain(plan.train, transform.label) },
      { architecture, folder, splits, weights, from },
    )
    const told = await runProgram(task, trainer, { ...context, checkpoints, from, notes })
    const trained = await weights.read(command)
    const { tf, info, machine } = await openBackend({ prefer: job.backend ?? context.backend, device: 'any' })
    const model = await loadModel(tf, packModel(architecture, plan.predict, trained))
    const validationLoss = lossOn(validation, model, plan.predict)
    model.dispose()
    const validationPart = await readColumns(store, manifest.parts.validate[0]!)
    const bestEpoch = told.epochs.findLast(({ best }) => best)?.epoch ?? told.epochs.length
    const result = { ...trained, ...told, bestEpoch, validationLoss, ended: 'epochs' as const }
    const facts = {
      plan,
      dataset,
      manifest,
      architecture,
      trained: result,
      backend: info,
      machines: [machine],
      code: job.code,
      start: job.start?.digest,
      notes,
    }
    const ref = await packageModel(tf, writerTo(store), { ...facts, transform, validationPart })
    await checkpoints.removeAll()
    return ref
  } finally {
    await remove()
  }
}

/** The plan names files by digest: a worker with other ones would train something else under the same name. */
async function requireSameFiles(
  { folder, files }: TrainerSpec,
  { projectDir, pipeline }: { projectDir: string; pipeline: string },
): Promise<void> {
  for (const { path, sha256: expected } of files) {
    const bytes = await readFile(join(projectDir, folder, path)).catch(() => null)
    const found = bytes === null ? 'no such file' : sha256(bytes)
    if (found !== expected) throw failure('TRAINER_CHANGED', { pipeline, file: `${folder}/${path}`, expected, found })
  }
}

async function restoreInto(folder: string, checkpoints: ExternalCheckpoints): Promise<Given | null> {
  await mkdir(folder)
  return await checkpoints.restore(folder)
}

function externalJob(
  { name, predict, train }: Plan,
  parts: {
    architecture: Architecture
    folder: string
    splits: ExternalJob['splits']
    weights: ExternalWeights
    from: Given | null
  },
): ExternalJob {
  const { architecture, folder, splits, weights, from } = parts
  const { inputs, outputs } = architecture
  const { specs, initial, output } = weights
  const newest = from && { step: from.step, path: from.path }
  return {
    contract: TRAINER_CONTRACT,
    job: 'train',
    pipeline: name,
    predict,
    train,
    inputs,
    outputs,
    head: headOf(predict),
    folder,
    splits,
    weights: specs,
    initial,
    output,
    checkpoints: { folder: join(folder, 'checkpoints'), newest },
  }
}

interface ProgramContext extends ExternalContext {
  readonly checkpoints: ExternalCheckpoints
  readonly from: Given | null
  /** for watchers, on the labels */
  readonly notes: readonly string[]
}

/** → what it told, attempts before `from` included. What it gave away is in the store when this ends, however it ends. */
async function runProgram(task: ExternalJob, trainer: TrainerSpec, context: ProgramContext): Promise<Told> {
  const { config, emit, signal, checkpoints, from, notes } = context
  if (config.endpoints === null) throw failure('SERVERS_UNKNOWN')
  const { rows } = task.splits.train
  const steps = task.train.epochs * stepsPerEpoch(rows, task.train.batch)
  const command = trainer.command.join(' ')
  const backend = { name: 'cpu', version: command, device: 'cpu', why: 'the pipeline names its own trainer' } as const
  const begun = { fromStep: from?.step ?? 0, steps, rows, ...bestOf(from?.told.epochs) }
  emit({ type: 'started', backend, ...begun, ...(notes.length > 0 && { notes }) })
  const told = { steps: from?.told.steps ?? 0, epochs: [...(from?.told.epochs ?? [])] }
  const lost = new AbortController()
  const handover = openHandover({
    from: task.checkpoints.folder,
    aside: join(task.folder, 'handed-over'),
    trainer: command,
    save: (given) => checkpoints.save(given),
    onSaved: (checkpoint) => emit({ type: 'checkpoint', checkpoint }),
    onFailure: (error) => lost.abort(error),
  })
  try {
    await runExternalProgram(task, {
      command: trainer.command,
      folder: join(config.projectDir, trainer.folder),
      env: childEnvironment(config.endpoints),
      signal: AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]),
      onLine(line) {
        if (line.type === 'checkpoint') return handover.take(line, told)
        if (line.type === 'progress') told.steps = line.step
        else told.epochs.push(line)
        emit(line)
      },
    })
  } finally {
    await handover.settled()
  }
  return told
}

/** Mean loss of the validation rows, on the scale of the labels that the program was given, computed here: what the program says about itself is not used. */
function lossOn({ inputs, labels, rows, width }: Matrix, model: Model, predict: PredictSpec): number {
  if (model.text === null) {
    const { loss = Number.NaN } = metricsOf({ predict, rows, outputs: model.predict(inputs), labels })
    return loss
  }
  // next tokens: of all targets, the label of a row says how many it has
  const losses = model.text.losses(inputs)
  assert.equal(losses.length, rows * (width - 1), 'every position of a window has a loss')
  return losses.reduce((sum, loss) => sum + loss, 0) / labels.reduce((sum, targets) => sum + targets, 0)
}
