// How much each class counts in the loss: as told, or so that every class weighs the same.
import assert from 'node:assert/strict'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { LossSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import type { LossOptions } from './loss.ts'

/** y [examples] → [examples] */
export type ClassWeights = (y: Tensor1D) => Tensor

/** null: all classes count once. */
export function classWeightsOf(tf: Tf, spec: LossSpec, { predict, labels }: LossOptions): ClassWeights | null {
  if (!('classWeights' in spec) || spec.classWeights === undefined) return null
  assert(predict.task === 'category' || predict.task === 'probability', 'only classes have weights')
  const classes = predict.task === 'category' ? predict.classes.length : 2
  const weights = spec.classWeights === 'balanced' ? balancedWeights(labels, classes) : spec.classWeights
  return (y) => {
    const hot = tf.cast(tf.oneHot(tf.cast(y, 'int32'), classes), 'float32') as Tensor2D
    return tf.reshape(tf.matMul(hot, tf.tensor2d([...weights], [classes, 1])), [-1])
  }
}

/** rows / (classes × rows of the class), as scikit-learn's "balanced"; a class without rows gets 1. */
export function balancedWeights(labels: Float32Array | undefined, classes: number): number[] {
  assert(labels !== undefined, 'balanced weights need the labels of the training rows')
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label]! += 1
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)))
}
