// Models of a definition become the plan's: defaults filled in, an older plan as it was, sizes that cannot be refused with their place.
import { describe, expect, it } from 'vitest'
import { column, encode, model, predict, split } from '../../../index.ts'
import { resolveModel } from '../../../plan/resolve/networks.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import type { ModelWord } from '../../../plan/words/networks.ts'
import { inside, type Place } from '../../../schemas/check.ts'
import { isFailure } from '../../../schemas/failures.ts'
import { small } from '../../fixtures/pipelines/definitions.ts'

const place: Place = inside(inside({ pipeline: 'p', path: '' }, 'train'), 'model')
const resolve = (word: object) => resolveModel(place, JSON.parse(JSON.stringify(word)))

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isFailure(error, 'PIPELINE_INVALID')) return `${error.facts.path}: expected ${error.facts.expected}`
    throw error
  }
  return 'accepted'
}

describe('a model', () => {
  it('keeps the plan that it had', () => {
    const before = { kind: 'mlp', hidden: [8], activation: 'relu', dropout: 0 }
    expect(JSON.stringify(resolve(model.mlp({ hidden: [8] })))).toBe(JSON.stringify(before))
    expect(JSON.stringify(resolve(model.mlp({ hidden: [8], batchNorm: false })))).toBe(JSON.stringify(before))
  })

  it.each<[ModelWord, object]>([
    [model.mlp({ hidden: [8], batchNorm: true }), { normalize: 'batch' }],
    [model.mlp({ hidden: [8], layerNorm: true, activation: 'tanh' }), { normalize: 'layer', activation: 'tanh' }],
    [
      model.convolutional({ image: [28, 28, 1], filters: [4, 8] }),
      { image: [28, 28, 1], filters: [4, 8], kernel: 3, pool: 2, dense: [], dropout: 0, batchNorm: false },
    ],
    [model.recurrent({ cell: 'gru', units: 32 }), { cell: 'gru', units: 32, layers: 1, embedding: 64, dropout: 0 }],
    [model.transformer({ layers: 2, heads: 4, width: 64 }), { layers: 2, heads: 4, width: 64, dropout: 0 }],
    [model.textClassifier({ embedding: 16 }), { embedding: 16, pooling: 'mean', hidden: [], dropout: 0 }],
  ])('%j has defaults', (word, expected) => {
    expect(resolve(word)).toMatchObject({ kind: word.kind, ...expected })
  })

  it.each<[object, string]>([
    [{ kind: 'forest' }, 'train.model.kind: expected one of mlp, convolutional'],
    [{ kind: 'mlp', hidden: [8], batchNorm: true, layerNorm: true }, 'train.model.layerNorm: expected one norm'],
    [{ kind: 'mlp', hidden: [8], batchNorm: 'yes' }, 'train.model.batchNorm'],
    [
      { kind: 'convolutional', image: [28, 28], filters: [4] },
      'train.model.image: expected height, width and channels',
    ],
    [{ kind: 'convolutional', image: [28, 28, 1], filters: [] }, 'train.model.filters: expected at least one'],
    [{ kind: 'convolutional', image: [6, 9, 1], filters: [4, 4, 4] }, 'train.model.pool: expected pooling that leaves'],
    [{ kind: 'convolutional', image: [28, 28, 1], filters: [4], kernel: 0 }, 'train.model.kernel'],
    [{ kind: 'recurrent', cell: 'gate', units: 4 }, 'train.model.cell: expected one of rnn, gru, lstm'],
    [{ kind: 'recurrent', cell: 'gru', units: 4.5 }, 'train.model.units'],
    [{ kind: 'recurrent', cell: 'gru', units: 4, dropout: 1 }, 'train.model.dropout'],
    [{ kind: 'transformer', layers: 1, heads: 3, width: 64 }, 'train.model.width: expected a multiple of 3'],
    [{ kind: 'transformer', layers: 1, heads: 3 }, 'train.model.width'],
    [{ kind: 'textClassifier', embedding: 8, pooling: 'max' }, 'train.model.pooling: expected one of mean, attention'],
    [{ kind: 'textClassifier', embedding: 8, vocabulary: 9 }, 'train.model.vocabulary: expected one of kind'],
    [{ kind: 'custom', file: './model.py' }, 'train.model.file: expected a module such as ./model.ts'],
    [{ kind: 'custom', file: './model.ts' }, 'train.model.file: expected a pipeline file that the registry loads'],
  ])('%j is refused', (word, expected) => {
    expect(refusal(() => resolve(word))).toContain(expected)
  })
})

describe('an image', () => {
  const definition = (length: number) => ({
    ...small,
    columns: {
      id: column.id(),
      pixels: column.numbers({ length, min: 0, max: 255, integers: true }),
      digit: column.category(['0', '1']),
    },
    rules: {},
    features: { pixels: encode.scale() },
    predict: predict.category('digit'),
    split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
    train: { ...small.train, model: model.convolutional({ image: [4, 4, 3], filters: [2] }) },
    gates: [],
  })

  it('has the size of the features', () => {
    expect(resolvePipeline(definition(48)).train.model).toMatchObject({ image: [4, 4, 3] })
    expect(refusal(() => resolvePipeline(definition(47)))).toBe(
      'train.model.image: expected features of 4 × 4 × 3 = 48 values',
    )
  })
})
