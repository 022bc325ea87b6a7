// How logits become answers.
import type { Tensor2D } from '@tensorflow/tfjs'
import type { PredictSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'

/** softmax → a probability per class; sigmoid → P(true); linear → the value. */
export type Head = 'softmax' | 'sigmoid' | 'linear'

const HEADS: Readonly<Record<PredictSpec['task'], Head>> = {
  category: 'softmax',
  probability: 'sigmoid',
  number: 'linear',
  next: 'softmax',
}

export function headOf(predict: PredictSpec): Head {
  return HEADS[predict.task]
}

export function applyHead(tf: Tf, head: Head, logits: Tensor2D): Tensor2D {
  switch (head) {
    case 'softmax':
      return tf.softmax(logits)
    case 'sigmoid':
      return tf.sigmoid(logits)
    case 'linear':
      return logits
  }
}
