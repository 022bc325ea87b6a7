// sluice's losses, by the names of the golden cases in fixtures/conformance/losses.json.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { lossOf } from '../../ml/losses/loss.ts'
import type { LossSpec, PredictSpec } from '../../schemas/plan.ts'
import type { Forward, GoldenCase } from './golden.ts'

const number: PredictSpec = { task: 'number', column: 'y' }
const probability: PredictSpec = { task: 'probability', column: 'y' }
const category: PredictSpec = { task: 'category', column: 'y', classes: ['a', 'b', 'c', 'd'] }

/** With the settings of losses.py. */
const LOSSES: Readonly<Record<string, { readonly predict: PredictSpec; readonly loss: LossSpec }>> = {
  'mean squared error': { predict: number, loss: { kind: 'squared' } },
  'mean absolute error': { predict: number, loss: { kind: 'absolute' } },
  huber: { predict: number, loss: { kind: 'huber', delta: 0.75 } },
  'binary cross-entropy': { predict: probability, loss: { kind: 'crossEntropy' } },
  'binary cross-entropy, smoothed': { predict: probability, loss: { kind: 'crossEntropy', smoothing: 0.1 } },
  'categorical cross-entropy': { predict: category, loss: { kind: 'crossEntropy' } },
  'categorical cross-entropy of large logits': { predict: category, loss: { kind: 'crossEntropy' } },
  'categorical cross-entropy, smoothed': { predict: category, loss: { kind: 'crossEntropy', smoothing: 0.1 } },
  'binary focal': { predict: probability, loss: { kind: 'focal', gamma: 2 } },
}

export const LOSS_NAMES = Object.keys(LOSSES)

/** The loss of fixed targets is a forward pass of its predictions. → [1] */
export function lossForward(name: string, { target }: GoldenCase): Forward {
  const { predict, loss } = LOSSES[name]!
  const [rows, outputs] = target!.shape as [number, number]
  const y = Array.from({ length: rows }, (_, row) => {
    const ofRow = target!.values.slice(row * outputs, (row + 1) * outputs)
    return outputs === 1 ? ofRow[0]! : ofRow.indexOf(1)
  })
  return (tf, predicted) =>
    tf.reshape(lossOf(tf, { predict, loss })(predicted as Tensor2D, tf.tensor1d(y) as Tensor1D), [1])
}
