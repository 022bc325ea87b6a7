// Layer and batch normalisation, with gradients of a few operations instead of one for each step of the formula.
import type { Tensor, Tensor1D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

/** What a normalisation learns, [channels] each: a channel is an element of the last dimension. */
export interface Affine {
  readonly scale: Tensor
  readonly shift: Tensor
}

/** Per channel, [channels]. */
export interface Moments {
  readonly mean: Tensor
  readonly variance: Tensor
}

/** Ba, Kiros & Hinton 2016: (x − mean) / √(variance + epsilon) · scale + shift, mean and variance over the last dimension. */
export function layerNorm<T extends Tensor>(tf: Tf, x: T, { scale, shift }: Affine, epsilon = 1e-5): T {
  return normalized(tf, x, { scale, shift, axes: [x.rank - 1], epsilon })
}

/** As Keras has them. */
const MOMENTUM = 0.99
const EPSILON = 1e-3

/**
 * Ioffe & Szegedy 2015: as layerNorm, but mean and (biased) variance of each channel over everything else. `averages` are what predicting
 * uses; training moves them by 1 % of the way to the batch's own. A channel with a single value, such as a last batch of one row has, is
 * normalised by the averages and leaves them: its own variance would be 0, which says nothing and would take all gradients away.
 */
export function batchNorm<T extends Tensor>(
  tf: Tf,
  x: T,
  { scale, shift, averages, training }: Affine & { readonly averages: Moments; readonly training: boolean },
): { readonly y: T; readonly averages: Moments } {
  const alone = x.size === x.shape.at(-1)
  if (!training || alone) {
    const factor = tf.mul(scale, tf.rsqrt(tf.add(averages.variance, EPSILON)))
    const y = tf.add(tf.mul(tf.sub(x, averages.mean), factor), shift) as T
    // tensors of their own: a step disposes of the averages that it was given
    const same = training ? { mean: tf.mul(averages.mean, 1), variance: tf.mul(averages.variance, 1) } : averages
    return { y, averages: same }
  }
  const axes = [...x.shape.keys()].slice(0, -1)
  const { mean, variance } = momentsOf(tf, x, axes)
  const moved = (average: Tensor, now: Tensor): Tensor => tf.add(average, tf.mul(tf.sub(now, average), 1 - MOMENTUM))
  return {
    y: normalized(tf, x, { scale, shift, axes, epsilon: EPSILON }),
    averages: { mean: moved(averages.mean, mean), variance: moved(averages.variance, variance) },
  }
}

function momentsOf(tf: Tf, x: Tensor, axes: number[]): Moments {
  const mean = tf.mean(x, axes, true)
  const variance = tf.mean(tf.square(tf.sub(x, mean)), axes)
  return { mean: tf.reshape(mean, variance.shape), variance }
}

/**
 * With n = (x − mean) · r, r = 1 / √(variance + epsilon), and g = dy · scale:
 * dx = r · (g − mean(g) − n · mean(g · n)), the means over `axes`; dscale = Σ dy · n, dshift = Σ dy.
 */
function normalized<T extends Tensor>(
  tf: Tf,
  x: T,
  { scale, shift, axes, epsilon }: Affine & { readonly axes: number[]; readonly epsilon: number },
): T {
  const others = [...x.shape.keys()].slice(0, -1)
  return tf.customGrad((...args) => {
    const [values, factor, offset] = args.slice(0, 3) as Tensor[]
    const save = args[3] as unknown as (tensors: Tensor[]) => void
    const centred = tf.sub(values!, tf.mean(values!, axes, true))
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon))
    const n = tf.mul(centred, r)
    save([n, r, factor!])
    return {
      value: tf.add(tf.mul(n, factor!), offset!),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [kept, rate, learnt] = saved as [Tensor, Tensor, Tensor1D]
        const g = tf.mul(dy, learnt)
        const along = tf.mul(kept, tf.mean(tf.mul(g, kept), axes, true))
        const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, axes, true)), along), rate)
        return [dx, tf.sum(tf.mul(dy, kept), others), tf.sum(dy, others)]
      },
    }
  })(x, scale, shift) as T
}
