// Bounds on the gradient: value by value, and as a whole.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { OptimizerSpec } from '../../schemas/plan.ts'
import { gradientNorm } from '../operations/gradient-norm.ts'
import type { Tf } from '../tf.ts'

/**
 * Cuts each value to ±clipValue, then scales all gradients by clipNorm / max(norm, clipNorm), where norm is the Euclidean norm over all
 * of them together (Pascanu et al. 2013, algorithm 1). Without either, the gradients as they are. `known`: their norm before any
 * clipping, where it was computed already.
 */
export function clipGradients(
  tf: Tf,
  { clipValue, clipNorm }: Pick<OptimizerSpec, 'clipValue' | 'clipNorm'>,
  gradients: readonly Tensor[],
  known: Scalar | null = null,
): readonly Tensor[] {
  const cut =
    clipValue === undefined ? gradients : gradients.map((gradient) => tf.clipByValue(gradient, -clipValue, clipValue))
  if (clipNorm === undefined) return cut
  const norm = clipValue === undefined && known !== null ? known : gradientNorm(tf, cut)
  const scale = tf.div(clipNorm, tf.maximum(norm, clipNorm))
  return cut.map((gradient) => tf.mul(gradient, scale))
}
