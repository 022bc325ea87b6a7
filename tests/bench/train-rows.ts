// The six rows of the training benchmark: one architecture, batch and length of an epoch each, the same for all programs.
import type { Architecture } from '../../ml/networks/open.ts'

export interface Row {
  /** chosen by on the command line */
  readonly name: string
  readonly title: string
  /** sluice's own words for the network; the peers build theirs from it */
  readonly architecture: Architecture
  readonly batch: number
  /** steps of an epoch: enough that what a program does between epochs does not count */
  readonly steps: number
}

const recurrent = { kind: 'recurrent', units: 1024, layers: 1, embedding: 256, dropout: 0 } as const
const sequence = { inputs: 41, outputs: 1000, tokens: 1000 } as const

export const ROWS: readonly Row[] = [
  { name: 'mlp', title: 'MLP 784-512-512-10', architecture: mlp(784, [512, 512], 10), batch: 128, steps: 200 },
  { name: 'small', title: 'MLP 10-5-10', architecture: mlp(10, [5], 10), batch: 32, steps: 2000 },
  {
    name: 'cnn',
    title: 'CNN 28×28, filters 16-32-64',
    batch: 32,
    steps: 200,
    architecture: {
      kind: 'convolutional',
      image: [28, 28, 1],
      filters: [16, 32, 64],
      kernel: 3,
      pool: 2,
      dense: [],
      dropout: 0,
      batchNorm: false,
      inputs: 784,
      outputs: 10,
    },
  },
  {
    name: 'gpt',
    title: 'transformer, 2 layers, width 64, context 64',
    batch: 16,
    steps: 100,
    architecture: {
      kind: 'transformer',
      layers: 2,
      heads: 4,
      width: 64,
      dropout: 0,
      inputs: 65,
      outputs: 64,
      tokens: 64,
    },
  },
  {
    name: 'gru',
    title: 'GRU 1024, vocabulary 1000, context 40',
    batch: 64,
    steps: 10,
    architecture: { ...recurrent, cell: 'gru', ...sequence },
  },
  {
    name: 'lstm',
    title: 'LSTM 1024, vocabulary 1000, context 40',
    batch: 64,
    steps: 10,
    architecture: { ...recurrent, cell: 'lstm', ...sequence },
  },
]

function mlp(inputs: number, hidden: readonly number[], outputs: number): Architecture {
  return { kind: 'mlp', hidden, activation: 'relu', dropout: 0, inputs, outputs }
}
