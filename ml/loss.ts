// What training makes small: the mean over the rows of a batch, computed from logits so that large ones cannot overflow.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'

/** logits [rows, outputs], y [rows] (class index, 0 or 1, or value) → mean loss */
export type Loss = (logits: Tensor2D, y: Tensor1D) => Scalar

/** category: cross-entropy of the softmax; probability: cross-entropy of the sigmoid; number: mean squared error. Natural logarithm. */
export function lossOf(tf: Tf, predict: PredictSpec): Loss {
  switch (predict.task) {
    case 'category':
      return softmaxCrossEntropy(tf)
    case 'probability':
      return sigmoidCrossEntropy(tf)
    case 'number':
      return meanSquaredError(tf)
  }
}

/** −log softmax(z)[y]; gradient (softmax(z) − onehot(y)) / rows */
function softmaxCrossEntropy(tf: Tf): Loss {
  return withGradient(tf, (logits, y) => {
    const [rows, classes] = logits.shape
    const hot = tf.cast(tf.oneHot(tf.cast(y, 'int32'), classes), 'float32') // [rows, classes]
    const shifted = tf.sub(logits, tf.max(logits, 1, true))
    const exponentials = tf.exp(shifted)
    const sums = tf.sum(exponentials, 1, true) // [rows, 1]
    const value = tf.mean(tf.sub(tf.log(sums), tf.sum(tf.mul(shifted, hot), 1, true)))
    const gradient = tf.mul(tf.sub(tf.div(exponentials, sums), hot), 1 / rows)
    return { value: value as Scalar, gradient: gradient as Tensor2D }
  })
}

/** max(z, 0) − z·y + log(1 + exp(−|z|)); gradient (sigmoid(z) − y) / rows */
function sigmoidCrossEntropy(tf: Tf): Loss {
  return withGradient(tf, (logits, y) => {
    const target = tf.reshape(y, [-1, 1]) // [rows, 1]
    const tail = tf.log1p(tf.exp(tf.neg(tf.abs(logits))))
    const value = tf.mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, target)), tail))
    const gradient = tf.mul(tf.sub(tf.sigmoid(logits), target), 1 / logits.shape[0])
    return { value: value as Scalar, gradient: gradient as Tensor2D }
  })
}

/** (z − y)²; gradient 2 (z − y) / rows */
function meanSquaredError(tf: Tf): Loss {
  return withGradient(tf, (logits, y) => {
    const difference = tf.sub(logits, tf.reshape(y, [-1, 1])) // [rows, 1]
    const value = tf.mean(tf.square(difference))
    return { value: value as Scalar, gradient: tf.mul(difference, 2 / logits.shape[0]) as Tensor2D }
  })
}

/** Both at once: the forward pass has all that the gradient needs, so the tape need not hold its parts. */
function withGradient(tf: Tf, compute: (logits: Tensor2D, y: Tensor1D) => { value: Scalar; gradient: Tensor2D }): Loss {
  return (logits, y) =>
    tf.customGrad((z, save) => {
      const { value, gradient } = compute(z as Tensor2D, y)
      ;(save as (tensors: Tensor[]) => void)([gradient])
      return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0]!, dy) }
    })(logits) as Scalar
}
