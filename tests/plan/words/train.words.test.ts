// Optimizers and losses of a definition: defaults are filled in, and what does not fit is refused by its path.
import { describe, expect, it } from 'vitest'
import { resolveLoss } from '../../../plan/resolve/loss.ts'
import { resolveOptimizer } from '../../../plan/resolve/optimizer.ts'
import { loss, optimizer } from '../../../plan/words/train.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'

const at = { pipeline: 'p', path: 'train' }
const CATEGORY: PredictSpec = { task: 'category', column: 'c', classes: ['a', 'b', 'c'] }
const FLAG: PredictSpec = { task: 'probability', column: 'f' }
const NUMBER: PredictSpec = { task: 'number', column: 'n' }

describe('an optimizer', () => {
  it.each([
    [optimizer.sgd(), { kind: 'sgd', rate: 0.01, momentum: 0, nesterov: false }],
    [optimizer.rmsprop(), { kind: 'rmsprop', rate: 1e-3, rho: 0.9, momentum: 0, epsilon: 1e-7 }],
    [optimizer.adam(), { kind: 'adam', rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    [
      optimizer.adamW({ warmup: 100, decay: { kind: 'cosine', to: 1e-4 }, clipNorm: 1 }),
      {
        kind: 'adamW',
        rate: 1e-3,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
        weightDecay: 4e-3,
        warmup: 100,
        decay: { kind: 'cosine', to: 1e-4 },
        clipNorm: 1,
      },
    ],
  ])('has defaults: %j', (word, expected) => {
    expect(resolveOptimizer(at, word)).toEqual(expected)
  })
  it.each([
    [{ kind: 'adagrad' }, /train\.kind/],
    [{ kind: 'sgd', beta1: 0.9 }, /train\.beta1/],
    [{ kind: 'adam', rate: 0 }, /train\.rate/],
    [{ kind: 'adam', decay: { kind: 'cosine', to: 0, factor: 0.5 } }, /train\.decay\.factor/],
    [{ kind: 'adam', decay: { kind: 'step', steps: 10, factor: 1 } }, /train\.decay\.factor/],
    [{ kind: 'sgd', momentum: 1 }, /train\.momentum/],
    [{ kind: 'adam', clipNorm: -1 }, /train\.clipNorm/],
    ['adam', /train\.kind/],
  ])('is refused: %j', (word, message) => {
    expect(() => resolveOptimizer(at, word)).toThrow(message)
  })
})

describe('a loss', () => {
  it('names class weights in class order', () => {
    const word = loss.crossEntropy({ classWeights: { c: 3, a: 2 } })
    expect(resolveLoss(at, word, CATEGORY)).toEqual({ kind: 'crossEntropy', classWeights: [2, 1, 3] })
    expect(resolveLoss(at, loss.focal({ classWeights: { true: 5 } }), FLAG)).toEqual({
      kind: 'focal',
      gamma: 2,
      classWeights: [1, 5],
    })
  })
  it.each([
    [loss.huber({ delta: 1 }), CATEGORY, /train\.kind/],
    [loss.crossEntropy(), NUMBER, /train\.kind/],
    [loss.crossEntropy({ classWeights: { d: 1 } }), CATEGORY, /classWeights\.d/],
    [{ kind: 'crossEntropy', classWeights: 'balance' }, CATEGORY, /'balanced' or weights of the classes/],
    [loss.crossEntropy({ smoothing: 1 }), FLAG, /smoothing/],
    [loss.focal({ gamma: 0.5 }), FLAG, /gamma/],
    [{ kind: 'squared', delta: 2 }, NUMBER, /delta/],
  ] as const)('that does not fit is refused: %j', (word, predict, message) => {
    expect(() => resolveLoss(at, word, predict)).toThrow(message)
  })
})
