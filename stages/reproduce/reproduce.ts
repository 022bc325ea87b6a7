// A model made again from its offsets, in a store that goes with this process: stage by stage, until one comes out differently.
import { digestOf } from '../../core/digest.ts'
import { everyDifference } from '../../lake/differences.ts'
import { codeDifferences, codeOf, type KnownCode } from '../../lake/runs/code-difference.ts'
import type { PipelineRuns } from '../../lake/runs/find-run.ts'
import type { MadeRun, VersionedStage } from '../../lake/runs/made-runs.ts'
import { readJson } from '../../lake/store/objects.ts'
import { scratchOver } from '../../lake/store/scratch.ts'
import type { Store } from '../../lake/store/store.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import { objectKey, shortDigest } from '../../schemas/ids.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TrainerLine } from '../../schemas/trainer.ts'
import type { Evaluation } from '../../schemas/verdict.ts'
import { makeDataset } from '../clean/make-dataset.ts'
import { runEvaluateJob } from '../evaluate/evaluate-job.ts'
import { type ExternalContext, runExternalTrainJob } from '../train/external/train-job.ts'
import { runTrainJob } from '../train/train-job.ts'
import { type Origin, originOf } from './origin.ts'
import { type KafkaClients, rereadRanges } from './reread.ts'

export interface StepResult {
  readonly stage: 'ingest' | VersionedStage
  readonly same: boolean
  /** digests: as it was, and as it is now */
  readonly expected: string
  readonly found: string
  /** for a person: what was compared; of a difference, where it is and why it may be */
  readonly words: readonly string[]
}

export interface Reproduce extends Pick<ExternalContext, 'config' | 'gpuFallback' | 'forceEager'> {
  readonly plan: Plan
  readonly runs: PipelineRuns
  readonly run: MadeRun
  /** null: segments are taken as they are */
  readonly kafka: KafkaClients | null
  /** the code that runs here */
  readonly code: Readonly<Record<VersionedStage, KnownCode>>
  /** told how far a stage is: ranges, segments or steps */
  readonly onProgress: (stage: StepResult['stage'], done: number, of: number) => void
}

/** Steps in order; after one that differs there is none. Throws ORIGIN_MISSING. */
export async function* reproduce(store: Store, options: Reproduce): AsyncGenerator<StepResult> {
  const { plan, run } = options
  try {
    yield* steps(store, await originOf(store, plan, run), options)
  } catch (error) {
    if (!isFailure(error, 'OBJECT_MISSING')) throw error
    const facts = { pipeline: plan.name, model: shortDigest(run.train?.output.digest ?? 'none') }
    const expected = 'everything that it was made from'
    throw failure('ORIGIN_MISSING', { ...facts, expected, found: `nothing at ${error.facts.key}` }, error)
  }
}

async function* steps(store: Store, origin: Origin, options: Reproduce): AsyncGenerator<StepResult> {
  const { run, kafka, onProgress } = options
  const ingest = await ingestAgain(store, origin, { kafka, onProgress })
  yield ingest
  if (!ingest.same) return

  // parts of the same dataset lie in the bucket, and those of another one nobody reads
  const scratch = scratchOver(store, (key) => key.startsWith('parts/'))
  const clean = await cleanAgain(scratch, origin, options)
  yield clean.step
  if (!clean.step.same) return

  const train = await trainAgain(scratch, origin, { ...options, dataset: clean.dataset })
  yield train.step
  if (!train.step.same || run.evaluate === null) return

  yield await evaluateAgain(scratch, origin, { ...options, dataset: clean.dataset, model: train.model })
}

async function ingestAgain(
  store: Store,
  origin: Origin,
  { kafka, onProgress }: Pick<Reproduce, 'kafka' | 'onProgress'>,
): Promise<StepResult> {
  const onRange = (done: number): void => onProgress('ingest', done, origin.ranges.length)
  const { same, notRead, why, different } = await rereadRanges(store, origin, { kafka, onRange })
  const words = [
    ...(same > 0 ? [`${counted(same)} read from Kafka again: the same bytes`] : []),
    ...(different === null
      ? []
      : [`${different.where} differ`, 'the topic was compacted or written anew, or decoding changed since']),
    ...(notRead > 0 && different === null ? [`${counted(notRead)} taken from the lake: ${why.join('; ')}`] : []),
  ]
  const digest = origin.snapshot.sha256
  const [expected, found] = different === null ? [digest, digest] : [different.expected, different.found]
  return { stage: 'ingest', same: different === null, expected, found, words }
}

const counted = (ranges: number): string => (ranges === 1 ? 'one range' : `${ranges} ranges`)

async function cleanAgain(store: Store, origin: Origin, options: Reproduce) {
  const { plan, snapshot, files, dataset: before, manifest } = origin
  const onProgress = ({ segment, of }: Readonly<Record<string, string | number>>): void => {
    if (segment !== undefined) options.onProgress('clean', Number(segment), Number(of))
  }
  const hooks = { signal: new AbortController().signal, onProgress }
  const dataset = await makeDataset(store, { plan, snapshot, files, code: null }, hooks)
  const same = dataset.digest === before.digest
  const { accounting, ...rest } = manifest
  const now = same ? manifest : await readJson<DatasetManifest>(store, dataset)
  const words = same
    ? [`${accounting.clean} rows in ${Object.values(rest.parts).flat().length} parts`]
    : [...everyDifference(manifest, now).slice(0, MAX_WORDS), ...(await whyOther(store, options, 'clean', []))]
  const step: StepResult = { stage: 'clean', same, expected: before.digest, found: dataset.digest, words }
  return { dataset, step }
}

/** differences that are told */
const MAX_WORDS = 5

async function trainAgain(store: Store, origin: Origin, options: Reproduce & { readonly dataset: DatasetRef }) {
  const { plan, card, model: before } = origin
  const { dataset, config, gpuFallback, forceEager } = options
  const emit = (line: TrainerLine): void => {
    if (line.type === 'progress') options.onProgress('train', line.step, line.steps)
  }
  const { start } = card
  const job = {
    job: 'train',
    plan,
    dataset,
    inputs: digestOf({ reproduce: before.digest }),
    code: card.code, // what runs here is compared apart: the card then differs in what the bytes depend on
    backend: card.backend.name,
    ...(start !== undefined && { start: { digest: start, key: objectKey('models', start, 'json') } }),
  } as const
  const context = {
    store,
    emit,
    config,
    ...(gpuFallback !== undefined && { gpuFallback }),
    ...(forceEager !== undefined && { forceEager }),
  }
  const { trainer } = plan.train
  const model = trainer ? await runExternalTrainJob(job, trainer, context) : await runTrainJob(job, context)
  const now = await readJson<ModelCard>(store, model)
  const same = now.weights.sha256 === card.weights.sha256
  const machines = everyDifference(card.machines ?? null, now.machines ?? null).map(
    (each) => `kind of machine: ${each}`,
  )
  const other = await whyOther(store, options, 'train', machines)
  const words = same
    ? [
        `${card.weights.bytes} bytes of weights`,
        ...(model.digest === before.digest
          ? []
          : ['the card differs', ...everyDifference(card, now).slice(0, MAX_WORDS)]),
      ]
    : [`validation loss ${card.validationLoss} → ${now.validationLoss}`, ...minutes(plan), ...other]
  const step: StepResult = { stage: 'train', same, expected: card.weights.sha256, found: now.weights.sha256, words }
  return { model, step }
}

const minutes = ({ train }: Plan): string[] =>
  train.budget?.minutes === undefined ? [] : ['it has a budget of minutes, so that the speed of a machine decides']

async function evaluateAgain(
  store: Store,
  { plan, run, card }: Origin,
  options: Reproduce & { readonly dataset: DatasetRef; readonly model: ModelRef },
): Promise<StepResult> {
  const { dataset, model, forceEager } = options
  const { inputs, output } = run.evaluate!
  const rival = inputs.champion
  const champion =
    rival === undefined || rival === 'none' ? null : { digest: rival, key: objectKey('models', rival, 'json') }
  const backend = card.backend.name // an evaluation does not tell its own: the worker that trained judged, as a rule
  const context = { store, emit: () => {}, ...(forceEager !== undefined && { forceEager }) }
  const found = await runEvaluateJob({ job: 'evaluate', plan, dataset, model, champion, backend }, context)
  const [before, now] = [await readJson<Evaluation>(store, output), await readJson<Evaluation>(store, found)]
  const differences = everyDifference(before, { ...now, candidate: before.candidate })
  const same = differences.length === 0
  const words = same
    ? [`${before.verdict}; gates: ${before.gates.length}`]
    : [
        ...differences.slice(0, MAX_WORDS),
        `it was judged on ${backend} here, as the model was trained; which backend judged it then is not kept`,
        ...(await whyOther(store, options, 'evaluate', [])),
      ]
  return { stage: 'evaluate', same, expected: output.sha256, found: found.sha256, words }
}

/** What is not as it was. */
async function whyOther(
  store: Store,
  { runs, run, code }: Pick<Reproduce, 'runs' | 'run' | 'code'>,
  stage: VersionedStage,
  causes: readonly string[],
): Promise<string[]> {
  const before = await codeOf(store, run[stage]!, runs.records[stage])
  const changed = codeDifferences(before, code[stage]).map((each) => `code of ${stage}: ${each}`)
  if (causes.length + changed.length > 0) {
    const kind = causes.length > 0 ? ['bits belong to a kind of machine (docs/decisions/011)'] : []
    return [...causes, ...kind, ...changed]
  }
  if (stage === 'clean') return ['its code is the same: report it, with what differs']
  return ['neither code nor kind of machine changed: a fault, or a GPU, where equal kinds need not end with equal bits']
}
