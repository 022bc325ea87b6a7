// Packaged models of every head and activation with golden answers, for the tests of exports.
import { seededRandom } from '../../core/random.ts'
import type { Tf } from '../../ml/backend.ts'
import { initialWeights } from '../../ml/initial-weights.ts'
import { loadModel, packModel } from '../../ml/model.ts'
import { architectureOf, openNetwork } from '../../ml/networks/open.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import type { ModelSpec } from '../../schemas/networks.ts'
import type { PredictSpec } from '../../schemas/plan.ts'

export interface ExportCase {
  readonly name: string
  /** what packModel wrote */
  readonly weights: Uint8Array
  readonly golden: GoldenRows
}

const CLASSES: PredictSpec = { task: 'category', column: 'kind', classes: ['a', 'b', 'c'] }

const NEXT: PredictSpec = { task: 'next', column: 'body' }

const MODELS: readonly (readonly [string, ModelSpec, PredictSpec])[] = [
  ['softmax over relu', { kind: 'mlp', hidden: [9, 4], activation: 'relu', dropout: 0.3 }, CLASSES],
  [
    'sigmoid over tanh',
    { kind: 'mlp', hidden: [5], activation: 'tanh', dropout: 0 },
    { task: 'probability', column: 'kind' },
  ],
  ['linear', { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 }, { task: 'number', column: 'kind' }],
  ['batch norm', { kind: 'mlp', hidden: [7], activation: 'relu', dropout: 0, normalize: 'batch' }, CLASSES],
  [
    'convolutions',
    {
      ...{ kind: 'convolutional', image: [8, 8, 1], filters: [3, 4], kernel: 3, pool: 2, dense: [6], dropout: 0.5 },
      batchNorm: true,
    },
    CLASSES,
  ],
  ['a text', { kind: 'textClassifier', embedding: 4, pooling: 'attention', hidden: [5], dropout: 0.1 }, CLASSES],
  ['a transformer', { kind: 'transformer', layers: 2, heads: 2, width: 8, dropout: 0.1 }, NEXT],
  ['a recurrent network', { kind: 'recurrent', cell: 'gru', units: 5, layers: 2, embedding: 3, dropout: 0 }, NEXT],
]

/** Kinds that read token ids, and how many different ones. */
const TOKENS = 9
const READS_TOKENS: readonly ModelSpec['kind'][] = ['textClassifier', 'transformer', 'recurrent']

/** `tolerance` of the golden answers, absolute. */
export async function exportCases(tf: Tf, tolerance: number): Promise<ExportCase[]> {
  const random = seededRandom(11)
  return await Promise.all(
    MODELS.map(async ([name, spec, predict]) => {
      const tokens = READS_TOKENS.includes(spec.kind) ? TOKENS : undefined
      const width = spec.kind === 'convolutional' ? 64 : 6
      const architecture = architectureOf(spec, width, predict, tokens)
      const network = await openNetwork(architecture)
      const first = { weights: initialWeights(network.weights, 7), averages: initialWeights(network.averages, 7) }
      const weights = packModel(architecture, predict, first)
      const inputs = Array.from({ length: 16 }, () =>
        Array.from({ length: network.inputs }, () =>
          tokens === undefined ? Math.fround(4 * random() - 2) : Math.floor(random() * tokens),
        ),
      )
      const model = await loadModel(tf, weights)
      const answers = model.predict(Float32Array.from(inputs.flat()))
      model.dispose()
      const { outputs: count } = network
      const outputs = inputs.map((_, r) => [...answers.subarray(r * count, (r + 1) * count)])
      return { name, weights, golden: { kind: 'golden', rows: [], inputs, outputs, tolerance } }
    }),
  )
}
