// Sizes that only the data know: which rows a model cannot read, and how many scores it gives.
import { describe, expect, it } from 'vitest'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import type { ConvolutionalSpec, ModelSpec } from '../../../schemas/networks.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { THREE_CLASSES } from '../builders.ts'

const image: ConvolutionalSpec = {
  kind: 'convolutional',
  image: [28, 28, 1],
  filters: [2, 3, 4],
  kernel: 3,
  pool: 2,
  dense: [5],
  dropout: 0,
  batchNorm: false,
}
const gru: ModelSpec = { kind: 'recurrent', cell: 'gru', units: 4, layers: 1, embedding: 2, dropout: 0 }
const text: ModelSpec = { kind: 'textClassifier', embedding: 2, pooling: 'mean', hidden: [], dropout: 0 }
const next: PredictSpec = { task: 'next', column: 'body' }

describe('an architecture', () => {
  it('takes the image and nothing else', () => {
    expect(() => architectureOf(image, 783, THREE_CLASSES)).toThrow('28 × 28 × 1 = 784 values, the features give 783')
    expect(architectureOf(image, 784, THREE_CLASSES)).toEqual({ ...image, inputs: 784, outputs: 3 })
  })

  it('drops what pooling leaves over', () => {
    const { weights } = networkOf(architectureOf(image, 784, THREE_CLASSES))
    expect(weights.find(({ name }) => name === 'dense0/kernel')!.shape).toEqual([3 * 3 * 4, 5])
  })

  it('reads tokens only where there are any', () => {
    expect(() => architectureOf(gru, 6, next)).toThrow('model.recurrent expects token ids')
    expect(() => architectureOf(text, 6, THREE_CLASSES)).toThrow('model.textClassifier expects token ids')
    expect(() => architectureOf(gru, 1, next, 9)).toThrow('rows of at least 2 token ids')
  })

  it('scores every token of every position', () => {
    const network = networkOf(architectureOf(gru, 6, next, 9))
    expect([network.inputs, network.examplesPerRow, network.outputs]).toEqual([6, 5, 9])
  })

  it('scores classes of a text', () => {
    const network = networkOf(architectureOf(text, 6, THREE_CLASSES, 9))
    expect([network.inputs, network.examplesPerRow, network.outputs]).toEqual([6, 1, 3])
  })
})
