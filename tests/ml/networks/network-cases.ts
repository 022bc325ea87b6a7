// Small networks of every kind with rows that they can read, for tests of tracing and of stepping.
import { seededRandom } from '../../../core/random.ts'
import { type Architecture, architectureOf } from '../../../ml/networks/open.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import { THREE_CLASSES } from '../builders.ts'

export const TOKENS = 7
export const CONTEXT = 5

const recurrent = { kind: 'recurrent', units: 6, layers: 2, embedding: 3, dropout: 0.2 } as const
const text = { kind: 'textClassifier', embedding: 4, hidden: [6], dropout: 0.2 } as const
const tabular = { kind: 'mlp', hidden: [6, 5], activation: 'relu', dropout: 0.2 } as const
const image = { kind: 'convolutional', image: [6, 6, 1], filters: [3, 4], kernel: 3, pool: 2, dropout: 0.2 } as const

export const SEQUENCES: readonly (readonly [string, ModelSpec])[] = [
  ['a simple RNN', { ...recurrent, cell: 'rnn' }],
  ['a GRU', { ...recurrent, cell: 'gru' }],
  ['an LSTM', { ...recurrent, cell: 'lstm' }],
  ['a transformer', { kind: 'transformer', layers: 2, heads: 2, width: 8, dropout: 0.2 }],
]

export const NETWORKS: readonly (readonly [string, ModelSpec])[] = [
  ['an MLP with batch norm', { ...tabular, normalize: 'batch' }],
  ['an MLP with layer norm', { ...tabular, normalize: 'layer' }],
  ['convolutions', { ...image, dense: [5], batchNorm: false }],
  ['convolutions with batch norm', { ...image, dense: [], batchNorm: true }],
  ['a text classifier', { ...text, pooling: 'mean' }],
  ['a text classifier with attention', { ...text, pooling: 'attention' }],
  ...SEQUENCES,
]

/** The network's architecture for rows of CONTEXT + 1 token ids, 36 pixels or 6 numbers. */
export function architectureFor(spec: ModelSpec): Architecture {
  const inputs = spec.kind === 'convolutional' ? 36 : CONTEXT + 1
  const readsTokens = ['recurrent', 'transformer', 'textClassifier'].includes(spec.kind)
  return readsTokens ? architectureOf(spec, inputs, THREE_CLASSES, TOKENS) : architectureOf(spec, inputs, THREE_CLASSES)
}

/** [rows][inputs]: token ids, some of them padding, or numbers around 0. */
export function rowsFor({ inputs, tokens }: Architecture, rows: number, seed: number): number[][] {
  const random = seededRandom(seed)
  const value = () => (tokens === undefined ? 2 * random() - 1 : Math.floor(random() * tokens))
  return Array.from({ length: rows }, () => Array.from({ length: inputs }, value))
}
