// Random numbers of one training step, decided by (seed, step) alone, so that a resumed run draws the same ones.
import type { Tensor, Tensor1D } from '@tensorflow/tfjs'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import { nativeBackend } from '../backends/native.ts'
import type { Tf } from '../tf.ts'
import { sizeOf } from './shape.ts'

export interface Noise {
  /** Leaves out each value with probability `share` and scales the rest by 1 / (1 − share): nothing to scale when predicting. */
  dropout<T extends Tensor>(x: T, share: number): T
}

/** seed and step as a tensor travel in float32, which holds whole numbers below this exactly */
const EXACT = 2 ** 24

/**
 * → [seed, step] for each of these steps, as the values of key tensors. Steps beyond 16 million begin again with other seeds, and each
 * `part` of a step whose gradients are accumulated has its own.
 */
export function noiseKeys(
  seed: number,
  { step, steps, part = 0 }: { step: number; steps: number; part?: number },
): Float32Array {
  const keys = new Float32Array(2 * steps)
  let [stretch, derived] = [-1, 0]
  for (let i = 0; i < steps; i++) {
    const of = Math.floor((step + i) / EXACT)
    if (of !== stretch) [stretch, derived] = [of, deriveSeed(seed, 'noise', of, part) % EXACT] // hashing is slow for a small step
    keys[2 * i] = derived
    keys[2 * i + 1] = (step + i) % EXACT
  }
  return keys
}

/**
 * The noise of the step whose key this is, [2]. On `tensorflow` the numbers come from StatelessRandomUniform (Philox, Salmon et al. 2011),
 * an operation of the graph with the key as its input; elsewhere they are drawn in JavaScript. Each call of a step draws anew.
 */
export function noiseOf(tf: Tf, key: Tensor1D): Noise {
  const uniform = tf.getBackend() === 'tensorflow' ? statelessUniform(tf, key) : javascriptUniform(tf, key)
  return {
    dropout(x, share) {
      if (share === 0) return x
      const kept = tf.cast(tf.greaterEqual(uniform(x.shape), share), 'float32')
      return tf.mul(x, tf.mul(kept, 1 / (1 - share)))
    },
  }
}

/** → uniform in [0, 1) */
type Uniform = (shape: readonly number[]) => Tensor

function statelessUniform(tf: Tf, key: Tensor1D): Uniform {
  const backend = nativeBackend(tf)
  const { binding } = backend
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    { name: 'Tseed', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  ]
  let call = 0
  return (shape) => {
    const seed = tf.add(tf.cast(key, 'int32'), tf.tensor1d([EXACT * call++, 0], 'int32'))
    return backend.executeSingleOutput('StatelessRandomUniform', attributes, [tf.tensor1d([...shape], 'int32'), seed])
  }
}

function javascriptUniform(tf: Tf, key: Tensor1D): Uniform {
  const [seed, step] = key.dataSync()
  let call = 0
  return (shape) => {
    const random = seededRandom(deriveSeed(seed!, 'uniform', step!, call++))
    const values = new Float32Array(sizeOf(shape))
    for (let i = 0; i < values.length; i++) values[i] = random()
    return tf.tensor(values, [...shape])
  }
}
