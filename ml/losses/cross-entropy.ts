// Cross-entropies of a softmax or a sigmoid, plain and focal, with their gradients.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { nativeBackend } from '../backends/native.ts'
import type { Tf } from '../tf.ts'
import type { ExampleLoss } from './loss.ts'

/** −Σ t · log softmax(z), t = onehot(y)(1 − smoothing) + smoothing / classes; gradient softmax(z) − t */
export function softmaxCrossEntropy(tf: Tf, smoothing: number): ExampleLoss {
  if (smoothing === 0 && tf.getBackend() === 'tensorflow') return nativeCrossEntropy(tf)
  return (logits, y) => {
    const hot = oneHot(tf, y, logits.shape[1])
    const truth = smoothing === 0 ? hot : tf.add(tf.mul(hot, 1 - smoothing), smoothing / logits.shape[1])
    const shifted = tf.sub(logits, tf.max(logits, 1, true))
    const exponentials = tf.exp(shifted)
    const sums = tf.sum(exponentials, 1, true) // [examples, 1]
    const losses = tf.sub(tf.reshape(tf.log(sums), [-1]), tf.sum(tf.mul(shifted, truth), 1))
    return { losses, gradients: tf.sub(tf.div(exponentials, sums), truth) }
  }
}

/** The same by one operation of TensorFlow, which gives losses and gradients in one pass. */
function nativeCrossEntropy(tf: Tf): ExampleLoss {
  const backend = nativeBackend(tf)
  const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = backend.binding
  const attributes = [
    { name: 'T', type, value: TF_FLOAT },
    { name: 'Tlabels', type, value: TF_INT32 },
  ]
  return (logits, y) => {
    const inputs = [logits, tf.cast(y, 'int32')]
    const op = 'SparseSoftmaxCrossEntropyWithLogits'
    const [losses, gradients] = backend.executeMultipleOutputs(op, attributes, inputs, 2)
    return { losses: losses!, gradients: gradients! }
  }
}

/** −(1 − p)^γ · log p with p = softmax(z)[y]; gradient ((1 − p)^γ − γ p (1 − p)^(γ−1) log p)(softmax(z) − onehot(y)) */
export function softmaxFocal(tf: Tf, gamma: number): ExampleLoss {
  return (logits, y) => {
    const hot = oneHot(tf, y, logits.shape[1])
    const logs = tf.logSoftmax(logits)
    const log = tf.sum(tf.mul(logs, hot), 1, true) // [examples, 1]: log p
    const p = tf.exp(log)
    const miss = tf.sub(1, p)
    const factor = tf.sub(tf.pow(miss, gamma), tf.mul(tf.mul(p, log), tf.mul(tf.pow(miss, gamma - 1), gamma)))
    const losses = tf.reshape(tf.neg(tf.mul(tf.pow(miss, gamma), log)), [-1])
    return { losses, gradients: tf.mul(factor, tf.sub(tf.exp(logs), hot)) }
  }
}

/** max(z, 0) − z·t + log(1 + exp(−|z|)), t = y(1 − smoothing) + smoothing / 2; gradient sigmoid(z) − t */
export function sigmoidCrossEntropy(tf: Tf, smoothing: number): ExampleLoss {
  return (logits, y) => {
    const target = tf.reshape(y, [-1, 1]) // [examples, 1]
    const truth = smoothing === 0 ? target : tf.add(tf.mul(target, 1 - smoothing), smoothing / 2)
    const losses = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, truth)), softplus(tf, tf.neg(tf.abs(logits))))
    return { losses: tf.reshape(losses, [-1]), gradients: tf.sub(tf.sigmoid(logits), truth) }
  }
}

/** −(1 − p)^γ · log p with p = sigmoid(s), s = z where y is 1 and −z where it is 0; gradient ∓((1 − p)^(γ+1) − γ p (1 − p)^γ log p) */
export function sigmoidFocal(tf: Tf, gamma: number): ExampleLoss {
  return (logits, y) => {
    const sign = tf.sub(tf.mul(tf.reshape(y, [-1, 1]), 2), 1)
    const signed = tf.mul(sign, logits)
    const log = tf.sub(tf.minimum(signed, 0), softplus(tf, tf.neg(tf.abs(signed)))) // log sigmoid(s)
    const p = tf.sigmoid(signed)
    const miss = tf.sigmoid(tf.neg(signed))
    const power = tf.pow(miss, gamma)
    const slope = tf.sub(tf.mul(tf.mul(p, log), tf.mul(power, gamma)), tf.mul(power, miss))
    return { losses: tf.reshape(tf.neg(tf.mul(power, log)), [-1]), gradients: tf.mul(sign, slope) }
  }
}

/** log(1 + exp(x)) for x ≤ 0 */
function softplus(tf: Tf, x: Tensor): Tensor {
  return tf.log1p(tf.exp(x))
}

function oneHot(tf: Tf, y: Tensor1D, classes: number): Tensor2D {
  return tf.cast(tf.oneHot(tf.cast(y, 'int32'), classes), 'float32') as Tensor2D // [examples, classes]
}
