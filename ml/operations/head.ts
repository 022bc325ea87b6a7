// How logits become answers.
import type { Tensor2D } from '@tensorflow/tfjs'
import type { FittedLabel } from '../../schemas/dataset.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'

/** softmax → a probability per class; sigmoid → P(true); linear → the value. */
type PlainHead = 'softmax' | 'sigmoid' | 'linear'
/** From the scale that a number was learnt on back to its own: × deviation + mean, then exp − 1 where its logarithm was learnt. */
type UnscaledHead = { readonly kind: 'unscaled' } & Pick<FittedLabel, 'log' | 'mean' | 'deviation'>
/** As stored beside the weights: models that learnt numbers as they are have `linear`. */
export type Head = PlainHead | UnscaledHead

const HEADS: Readonly<Record<PredictSpec['task'], PlainHead>> = {
  category: 'softmax',
  probability: 'sigmoid',
  number: 'linear',
  next: 'softmax',
}

export function headOf(predict: PredictSpec): PlainHead {
  return HEADS[predict.task]
}

/** `label`: the scale that it was learnt on. */
export function answerHead(predict: PredictSpec, label: FittedLabel | undefined): Head {
  if (label === undefined) return headOf(predict)
  const { log, mean, deviation } = label
  return { kind: 'unscaled', log, mean, deviation }
}

export function applyHead(tf: Tf, head: Head, logits: Tensor2D): Tensor2D {
  if (typeof head === 'object') return unscaled(tf, head, logits)
  switch (head) {
    case 'softmax':
      return tf.softmax(logits)
    case 'sigmoid':
      return tf.sigmoid(logits)
    case 'linear':
      return logits
  }
}

function unscaled(tf: Tf, { log, mean, deviation }: UnscaledHead, logits: Tensor2D): Tensor2D {
  const values = tf.add(tf.mul(logits, deviation), mean) as Tensor2D
  return log ? tf.sub(tf.exp(values), 1) : values // no backend lacks exp, and some lack expm1
}
