// What every kind of model is to the trainer: named weights, and a forward pass in plain tensor operations that can be traced.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Noise } from './operations/noise.ts'
import type { Tf } from './tf.ts'

/** One array on the JavaScript side. */
export interface Weight {
  /** e.g. "0/kernel" */
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** How a weight begins; each draws from a seed of its own (see initialWeights). */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  /** as many equal stretches as there are values, e.g. one per gate */
  | { readonly kind: 'stretches'; readonly values: readonly number[] }
  /** uniform in ±√(6 / (fanIn + fanOut)): Glorot & Bengio 2010, formula 16 */
  | { readonly kind: 'glorotUniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'uniform'; readonly limit: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  /** the shorter side's vectors orthonormal, [rows, columns]: Saxe et al. 2014 */
  | { readonly kind: 'orthogonal' }

export interface WeightSpec {
  /** unique in its network: "<layer>/<part>" */
  readonly name: string
  readonly shape: readonly number[]
  readonly initial: Initializer
  /** false: weight decay leaves it alone (biases, norms); default true */
  readonly decays?: boolean
}

export interface Pass {
  /** in the order of `Network.weights` */
  readonly weights: readonly Tensor[]
  /** in the order of `Network.averages` */
  readonly averages: readonly Tensor[]
  /** [rows, inputs]; token ids are whole numbers in float32 */
  readonly x: Tensor2D
  /** present while training: dropout is drawn from it and batch statistics are used; absent: as in predicting */
  readonly noise?: Noise
}

export interface Passed {
  /** [examples, outputs], examples = rows × examplesPerRow */
  readonly logits: Tensor2D
  /** new values of the averages; only read while training */
  readonly averages: readonly Tensor[]
}

export interface Network {
  /** float32 values of a row */
  readonly inputs: number
  /** one per class, or 1 */
  readonly outputs: number
  /** examples that a row holds: 1, or the positions of a sequence whose next token is predicted */
  readonly examplesPerRow: number
  /** what gradients change */
  readonly weights: readonly WeightSpec[]
  /** what training changes without a gradient, e.g. a batch norm's moving mean */
  readonly averages: readonly WeightSpec[]
  /** Must use tensor operations only, so that it can be traced: no value is read and no number is drawn in JavaScript. */
  forward(tf: Tf, pass: Pass): Passed
  /** x, y [rows] → the target of every example, [examples]. Absent: y. */
  targets?(tf: Tf, x: Tensor2D, y: Tensor1D): Tensor1D
}
