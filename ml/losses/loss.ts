// What training makes small: the mean over the examples of a batch, computed from logits so that large ones cannot overflow.
import assert from 'node:assert/strict'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { PADDING_ID } from '../../core/tokens.ts'
import type { LossSpec, PredictSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import { sigmoidCrossEntropy, sigmoidFocal, softmaxCrossEntropy, softmaxFocal } from './cross-entropy.ts'
import { absoluteError, huberError, squaredError } from './errors.ts'

/** logits [examples, outputs], y [examples] (class index, 0 or 1, or value) → mean loss. `weights`: how much each example counts. */
export type Loss = (logits: Tensor2D, y: Tensor1D, weights?: Tensor1D) => Scalar

/** Of each example: its loss [examples] and the gradient of that loss with respect to its logits [examples, outputs]. */
export interface ExampleLosses {
  readonly losses: Tensor
  readonly gradients: Tensor
}
export type ExampleLoss = (logits: Tensor2D, y: Tensor1D) => ExampleLosses

export interface LossOptions {
  readonly predict: PredictSpec
  /** default: cross-entropy for a category or a probability, squared error for a number */
  readonly loss?: LossSpec | undefined
  /** of the training rows; only read for balanced class weights */
  readonly labels?: Float32Array | undefined
}

/**
 * Σ weight × loss / examples, natural logarithms. Weights (of examples, times those of their classes) are 1 where none are given.
 * Next tokens: targets that are padding neither weigh nor are they examples.
 */
export function lossOf(tf: Tf, options: LossOptions): Loss {
  const spec = options.loss ?? defaultLoss(options.predict)
  const ofExamples = exampleLoss(tf, spec, options.predict)
  const classWeights = classWeightsOf(tf, spec, options)
  return (logits, y, weights) =>
    tf.customGrad((z, save) => {
      const { losses, gradients } = ofExamples(z as Tensor2D, y)
      const real = options.predict.task === 'next' ? notPadding(tf, y) : null
      const counted = real ?? productOf(tf, classWeights, y, weights)
      // a factor: TensorFlow turns a division by a constant into one, which rounds differently
      const share = real === null ? 1 / logits.shape[0] : tf.div(1, tf.maximum(tf.sum(real), 1))
      const value = tf.mul(tf.sum(counted === null ? losses : tf.mul(losses, counted)), share)
      const weighted = counted === null ? gradients : tf.mul(gradients, tf.reshape(counted, [-1, 1]))
      ;(save as (tensors: Tensor[]) => void)([tf.mul(weighted, share)])
      return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0]!, dy) }
    })(logits) as Scalar
}

/** 1 for targets that count, [examples]. */
function notPadding(tf: Tf, y: Tensor1D): Tensor1D {
  return tf.cast(tf.notEqual(y, PADDING_ID), 'float32')
}

function defaultLoss({ task }: PredictSpec): LossSpec {
  return task === 'number' ? { kind: 'squared' } : { kind: 'crossEntropy' }
}

function exampleLoss(tf: Tf, spec: LossSpec, { task }: PredictSpec): ExampleLoss {
  const binary = task === 'probability'
  switch (spec.kind) {
    case 'crossEntropy': {
      const { smoothing = 0 } = spec
      return binary ? sigmoidCrossEntropy(tf, smoothing) : softmaxCrossEntropy(tf, smoothing)
    }
    case 'focal':
      return binary ? sigmoidFocal(tf, spec.gamma) : softmaxFocal(tf, spec.gamma)
    case 'squared':
      return squaredError(tf)
    case 'absolute':
      return absoluteError(tf)
    case 'huber':
      return huberError(tf, spec.delta)
  }
}

/** → [examples], or null where every example counts once. */
function productOf(tf: Tf, ofClass: ClassWeights | null, y: Tensor1D, weights: Tensor1D | undefined): Tensor | null {
  if (ofClass === null) return weights ?? null
  return weights === undefined ? ofClass(y) : tf.mul(ofClass(y), weights)
}

/** y [examples] → [examples] */
type ClassWeights = (y: Tensor1D) => Tensor

/** null: all classes count once. */
function classWeightsOf(tf: Tf, spec: LossSpec, { predict, labels }: LossOptions): ClassWeights | null {
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
function balancedWeights(labels: Float32Array | undefined, classes: number): number[] {
  assert(labels !== undefined, 'balanced weights need the labels of the training rows')
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label]! += 1
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)))
}
