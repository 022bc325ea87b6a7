// Fetches a model version, verifies every digest and the golden rows, warms it, and answers with it.

import { concatenate } from '../core/concatenate.ts'
import { readLedger } from '../lake/ledger.ts'
import { readJson, readObject } from '../lake/store/objects.ts'
import type { Store } from '../lake/store/store.ts'
import { openBackend } from '../ml/backend.ts'
import type { PassesWish } from '../ml/model/choose-passes.ts'
import { requireFinite } from '../ml/model/finite-answers.ts'
import { loadModel, type Model } from '../ml/model/model.ts'
import { type Generation, generate } from '../ml/text/generate.ts'
import type { ColumnSpec } from '../schemas/columns.ts'
import type { Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { objectKey, shortDigest } from '../schemas/ids.ts'
import type { GoldenRows, ModelCard } from '../schemas/model.ts'
import { checkGolden } from './golden.ts'
import { type Prediction, toPrediction } from './prediction.ts'
import { compileInputs, type InputReader } from './request-inputs.ts'

/** What ml/backend opened; one per process is enough. */
export type OpenBackend = Awaited<ReturnType<typeof openBackend>>

export interface LoadedModel {
  readonly card: ModelCard
  /** sha256 of the card */
  readonly digest: string
  /** how its passes are run, and why */
  readonly engine: Model['engine']
  /** One raw row → the model's input. Throws REQUEST_INVALID with the field's name. */
  parse: InputReader
  /** A reader of the rows of one request. It throws REQUEST_INVALID with the field's name. */
  openRequest(): InputReader
  /** Answers for inputs that a reader made. Throws ANSWER_NOT_FINITE with the row's index. */
  predictInputs(inputs: readonly Float32Array[]): Prediction[]
  /** One raw row → its answer. Throws what the two above throw. */
  predict(row: unknown): Prediction
  /** Goes on with a text; see ml/text/generate. Throws REQUEST_INVALID when the model predicts no next tokens. */
  generate(options: Generation): ReturnType<typeof generate>
  dispose(): void
}

export interface LoadVersion {
  readonly pipeline: string
  /** of the card */
  readonly digest: string
  /** the plan's columns: what a request may hold */
  readonly columns: readonly ColumnSpec[]
  /** default: the best that is there */
  readonly backend?: OpenBackend
  /** where the module of a network of the user's own lies; default: the working directory */
  readonly projectDir?: string | undefined
  /** how much it will be asked; default: a few rows, for which it is not compiled */
  readonly passes?: Omit<PassesWish, 'backend' | 'purpose'>
}

/** Loads the live model. Throws NO_CHAMPION, and what `loadVersion` throws. */
export async function loadChampion(store: Store, options: Omit<LoadVersion, 'digest'>): Promise<LoadedModel> {
  const { pipeline } = options
  const { state } = await readLedger(store, pipeline)
  if (state.champion === null) throw failure('NO_CHAMPION', { pipeline })
  return loadVersion(store, { ...options, digest: state.champion })
}

/**
 * Loads one version; running the golden rows warms it as well.
 * Throws OBJECT_MISSING / OBJECT_CORRUPT for bytes that do not hash to what was promoted, MODEL_INVALID when it answers differently than after training.
 */
export async function loadVersion(store: Store, options: LoadVersion): Promise<LoadedModel> {
  const { pipeline, digest, columns } = options
  const card = await readJson<ModelCard>(store, { key: objectKey('models', digest, 'json'), sha256: digest })
  const refuse = (expected: string, found: string) =>
    failure('MODEL_INVALID', { model: shortDigest(digest), expected, found })
  if (card.kind !== 'model' || card.pipeline !== pipeline) {
    throw refuse(`a model of pipeline ${pipeline}`, `${card.kind} of ${card.pipeline}`)
  }
  const [bytes, transform, golden] = await Promise.all([
    readObject(store, card.weights),
    readJson<Transform>(store, card.transform),
    readJson<GoldenRows>(store, card.golden),
  ])
  const { inputs, outputs } = card.architecture
  if (transform.width !== inputs) throw refuse(`${inputs} inputs`, `a transform of width ${transform.width}`)
  const read = compileInputs(columns, transform)
  const { tf, info } = options.backend ?? (await openBackend({ device: 'any' }))
  const wish = options.passes && { ...options.passes, backend: info, purpose: 'serve' as const }
  const model = await loadModel(tf, bytes, options.projectDir, wish)
  try {
    if (model.architecture.inputs !== inputs || model.architecture.outputs !== outputs) {
      throw refuse(`weights of ${inputs} × ${outputs}`, `${model.architecture.inputs} × ${model.architecture.outputs}`)
    }
    checkGolden(golden, { model: shortDigest(digest), transformRow: read.golden, predict: model.predict })
  } catch (error) {
    model.dispose()
    throw error
  }
  const parse = (row: unknown) => read.open()(row)
  const predictInputs = (rows: readonly Float32Array[]) => {
    const answers = model.predict(concatenate(rows))
    requireFinite(answers, outputs, (row) => `row ${row}`)
    const vocabulary = read.compiled.tokens?.vocabulary
    return rows.map((_, r) => toPrediction(card.predict, answers.subarray(r * outputs, (r + 1) * outputs), vocabulary))
  }
  return {
    card,
    digest,
    engine: model.engine,
    parse,
    openRequest: read.open,
    predictInputs,
    predict: (row) => predictInputs([parse(row)])[0]!,
    generate(options) {
      const { tokens } = read.compiled
      if (model.text !== null && tokens !== null) return generate(model.text, tokens, options)
      const expected = 'a pipeline with predict.next'
      throw failure('REQUEST_INVALID', { field: 'pipeline', expected, found: `${pipeline}, ${card.predict.task}` })
    },
    dispose: () => model.dispose(),
  }
}
