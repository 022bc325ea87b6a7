// Packaged models of every kind, head and activation with golden answers, for the tests of exports.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../../core/digest.ts'
import { seededRandom } from '../../../core/random.ts'
import { PADDING_ID } from '../../../core/tokens.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { architectureOf, openNetwork } from '../../../ml/networks/open.ts'
import type { Tf } from '../../../ml/tf.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { FittedLabel } from '../../../schemas/dataset.ts'
import type { GoldenRows } from '../../../schemas/model.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'

export interface ExportCase {
  readonly name: string
  /** what packModel wrote */
  readonly weights: Uint8Array
  readonly golden: GoldenRows
}

const CLASSES: PredictSpec = { task: 'category', column: 'kind', classes: ['a', 'b', 'c'] }

const NUMBER: PredictSpec = { task: 'number', column: 'kind' }
/** What numbers were learnt on, by the case: their answers are turned back inside the exported graph. */
const SCALES: Readonly<Record<string, FittedLabel>> = {
  'a scaled number': { column: 'kind', log: false, mean: 1.5, deviation: 3 },
  'a scaled logarithm': { column: 'kind', log: true, mean: 0.5, deviation: 0.25 },
}

const NEXT: PredictSpec = { task: 'next', column: 'body' }

const RECURRENT = { kind: 'recurrent', units: 5, layers: 2, embedding: 3, dropout: 0 } as const

/** what a custom network's file is relative to */
export const ROOT = join(import.meta.dirname, '../../..')

function custom(name: string): ModelSpec {
  const file = `tests/fixtures/ml/custom/${name}`
  return { kind: 'custom', file, sha256: sha256(readFileSync(join(ROOT, file))) }
}

const MODELS: readonly (readonly [string, ModelSpec, PredictSpec])[] = [
  ['softmax over relu', { kind: 'mlp', hidden: [9, 4], activation: 'relu', dropout: 0.3 }, CLASSES],
  [
    'sigmoid over tanh',
    { kind: 'mlp', hidden: [5], activation: 'tanh', dropout: 0 },
    { task: 'probability', column: 'kind' },
  ],
  ['linear', { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 }, NUMBER],
  ['a scaled number', { kind: 'mlp', hidden: [4], activation: 'relu', dropout: 0 }, NUMBER],
  ['a scaled logarithm', { kind: 'mlp', hidden: [4], activation: 'relu', dropout: 0 }, NUMBER],
  ['batch norm', { kind: 'mlp', hidden: [7], activation: 'relu', dropout: 0, normalize: 'batch' }, CLASSES],
  [
    'convolutions',
    {
      kind: 'convolutional',
      image: [8, 8, 1],
      filters: [3, 4],
      kernel: 3,
      pool: 2,
      dense: [6],
      dropout: 0.5,
      batchNorm: true,
    },
    CLASSES,
  ],
  ['layer norm', { kind: 'mlp', hidden: [7, 5], activation: 'tanh', dropout: 0.2, normalize: 'layer' }, CLASSES],
  [
    'convolutions without norm',
    {
      kind: 'convolutional',
      image: [8, 8, 1],
      filters: [2],
      kernel: 5,
      pool: 1,
      dense: [],
      dropout: 0,
      batchNorm: false,
    },
    CLASSES,
  ],
  ['the mean of a text', { kind: 'textClassifier', embedding: 4, pooling: 'mean', hidden: [], dropout: 0 }, CLASSES],
  ['a text', { kind: 'textClassifier', embedding: 4, pooling: 'attention', hidden: [5], dropout: 0.1 }, CLASSES],
  ['a transformer', { kind: 'transformer', layers: 2, heads: 2, width: 8, dropout: 0.1 }, NEXT],
  ['a simple RNN', { ...RECURRENT, cell: 'rnn' }, NEXT],
  ['a GRU', { ...RECURRENT, cell: 'gru' }, NEXT],
  ['an LSTM', { ...RECURRENT, cell: 'lstm' }, NEXT],
  ['a network of the user', custom('experts.ts'), CLASSES],
  ['a network of the user for texts', custom('pairs.ts'), NEXT],
]

/** Kinds that read token ids, and how many different ones. */
const TOKENS = 9
const READS_TOKENS: readonly ModelSpec['kind'][] = ['textClassifier', 'transformer', 'recurrent']

/** `tolerance` of the golden answers, absolute. */
export async function exportCases(tf: Tf, tolerance: number): Promise<ExportCase[]> {
  const random = seededRandom(11)
  return await Promise.all(
    MODELS.map(async ([name, spec, predict]) => {
      const tokens = predict === NEXT || READS_TOKENS.includes(spec.kind) ? TOKENS : undefined
      const width = spec.kind === 'convolutional' ? 64 : 6
      const architecture = architectureOf(spec, width, predict, tokens)
      const network = await openNetwork(architecture, ROOT)
      const first = { weights: initialWeights(network.weights, 7), averages: initialWeights(network.averages, 7) }
      const weights = packModel(architecture, predict, { ...first, label: SCALES[name] })
      const inputs = Array.from({ length: 16 }, (_, row) =>
        Array.from({ length: network.inputs }, (_, i) => {
          if (tokens === undefined) return Math.fround(4 * random() - 2)
          return i < row ? Math.floor(random() * tokens) : PADDING_ID // the first row is padding alone, the next ones end with it
        }),
      )
      const model = await loadModel(tf, weights, ROOT)
      const answers = model.predict(Float32Array.from(inputs.flat()))
      model.dispose()
      const { outputs: count } = network
      const outputs = inputs.map((_, r) => [...answers.subarray(r * count, (r + 1) * count)])
      return { name, weights, golden: { kind: 'golden', rows: [], inputs, outputs, tolerance } }
    }),
  )
}
