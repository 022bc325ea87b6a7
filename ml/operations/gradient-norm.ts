// The size of a gradient as one number: Euclidean, over all weights together.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { TrainSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'

/** Whether steps tell the norm of their gradient: where the plan limits it or clips by it. Elsewhere nothing is computed. */
export function watchesNorm({ optimizer, gradientLimit }: Pick<TrainSpec, 'optimizer' | 'gradientLimit'>): boolean {
  return gradientLimit !== undefined || optimizer.clipNorm !== undefined
}

/** √Σ‖g‖² over all gradients, as in tf.linalg.global_norm (Pascanu et al. 2013, algorithm 1). */
export function gradientNorm(tf: Tf, gradients: readonly Tensor[]): Scalar {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)) as Scalar)
  return tf.sqrt(squares.length === 1 ? squares[0]! : tf.addN(squares))
}
