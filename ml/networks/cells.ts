// Recurrent cells: one step forward, and one step of its gradient written out, in the equations and the order of gates of Keras.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

/** A cell's state: the output h first, then what stays inside. [rows, units] each. */
export type CellState = readonly Tensor2D[]

export interface CellWeights {
  /** [units, gates × units] */
  readonly recurrent: Tensor2D
  /** [gates × units]; only where the cell has one */
  readonly recurrentBias?: Tensor
}

/** Gradients of one step. */
export interface StepGradients {
  /** with respect to the projected input, [rows, gates × units] */
  readonly projected: Tensor2D
  /** with respect to h · recurrent (+ bias); the same tensor where both are only added */
  readonly recurrent: Tensor2D
  /** with respect to each part of the state before, without the way through `recurrent`; null: there is no other way */
  readonly before: readonly (Tensor2D | null)[]
}

export interface Cell {
  /** blocks of columns of the kernels */
  readonly gates: number
  /** parts of the state */
  readonly parts: number
  /** the gates' inputs have two biases, one of them inside the reset gate */
  readonly recurrentBias: boolean
  /** first values of the bias, one per gate */
  readonly bias: readonly number[]
  /** `kept`: what the gradient needs */
  step(
    tf: Tf,
    state: CellState,
    projected: Tensor2D,
    weights: CellWeights,
  ): { readonly state: CellState; readonly kept: readonly Tensor2D[] }
  /** `changes`: gradients with respect to each part of the state after the step */
  back(tf: Tf, changes: CellState, before: CellState, kept: readonly Tensor2D[]): StepGradients
}

/** h' = tanh(p + h U) (Elman 1990) */
const rnn: Cell = {
  gates: 1,
  parts: 1,
  recurrentBias: false,
  bias: [0],
  step(tf, [h], projected, { recurrent }) {
    const next = tf.tanh(tf.add(projected, tf.matMul(h!, recurrent))) as Tensor2D
    return { state: [next], kept: [next] }
  },
  back(tf, [dh], _before, [next]) {
    const inner = tanhSlope(tf, dh!, next!)
    return { projected: inner, recurrent: inner, before: [null] }
  },
}

/**
 * Cho et al. 2014, in the form of cuDNN (Keras: reset_after): with q = h U + b,
 * z = σ(pz + qz), r = σ(pr + qr), c = tanh(pc + r qc), h' = z h + (1 − z) c.
 */
const gru: Cell = {
  gates: 3,
  parts: 1,
  recurrentBias: true,
  bias: [0, 0, 0],
  step(tf, [h], projected, { recurrent, recurrentBias }) {
    const units = h!.shape[1]
    const q = tf.add(tf.matMul(h!, recurrent), recurrentBias!) as Tensor2D
    const [pzr, pc] = tf.split(projected, [2 * units, units], 1) as [Tensor2D, Tensor2D]
    const [qzr, qc] = tf.split(q, [2 * units, units], 1) as [Tensor2D, Tensor2D]
    const zr = tf.sigmoid(tf.add(pzr, qzr)) as Tensor2D
    const [z, r] = tf.split(zr, 2, 1) as [Tensor2D, Tensor2D]
    const c = tf.tanh(tf.add(pc, tf.mul(r, qc))) as Tensor2D
    const next = tf.add(c, tf.mul(z, tf.sub(h!, c))) as Tensor2D
    return { state: [next], kept: [zr, c, qc] }
  },
  back(tf, [dh], [h], [zr, c, qc]) {
    const [z, r] = tf.split(zr!, 2, 1) as [Tensor2D, Tensor2D]
    const through = tf.mul(dh!, z) as Tensor2D
    const dc = tanhSlope(tf, tf.sub(dh!, through), c!)
    const dz = tf.mul(dh!, tf.sub(h!, c!)) as Tensor2D
    const dzr = sigmoidSlope(tf, tf.concat([dz, tf.mul(dc, qc!) as Tensor2D], 1), zr!)
    return {
      projected: tf.concat([dzr, dc], 1),
      recurrent: tf.concat([dzr, tf.mul(dc, r) as Tensor2D], 1),
      before: [through],
    }
  },
}

/**
 * Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, whose bias begins at 1 (Jozefowicz et al. 2015):
 * i, f, o = σ(p + h U), g = tanh(p + h U), c' = f c + i g, h' = o tanh(c'). Columns: i, f, g, o.
 */
const lstm: Cell = {
  gates: 4,
  parts: 2,
  recurrentBias: false,
  bias: [0, 1, 0, 0],
  step(tf, [h, c], projected, { recurrent }) {
    const units = h!.shape[1]
    const inner = tf.add(projected, tf.matMul(h!, recurrent)) as Tensor2D
    const [a, b, d] = tf.split(inner, [2 * units, units, units], 1) as [Tensor2D, Tensor2D, Tensor2D]
    const inputForget = tf.sigmoid(a) as Tensor2D
    const [i, f] = tf.split(inputForget, 2, 1) as [Tensor2D, Tensor2D]
    const g = tf.tanh(b) as Tensor2D
    const o = tf.sigmoid(d) as Tensor2D
    const cell = tf.add(tf.mul(f, c!), tf.mul(i, g)) as Tensor2D
    const seen = tf.tanh(cell) as Tensor2D
    return { state: [tf.mul(o, seen) as Tensor2D, cell], kept: [inputForget, g, o, seen] }
  },
  back(tf, [dh, dc], [_h, c], [inputForget, g, o, seen]) {
    const [i, f] = tf.split(inputForget!, 2, 1) as [Tensor2D, Tensor2D]
    const dcell = tf.add(dc!, tanhSlope(tf, tf.mul(dh!, o!), seen!))
    const dif = tf.concat([tf.mul(dcell, g!) as Tensor2D, tf.mul(dcell, c!) as Tensor2D], 1)
    const inner = tf.concat(
      [
        sigmoidSlope(tf, dif, inputForget!),
        tanhSlope(tf, tf.mul(dcell, i), g!),
        sigmoidSlope(tf, tf.mul(dh!, seen!), o!),
      ],
      1,
    )
    return { projected: inner, recurrent: inner, before: [null, tf.mul(dcell, f) as Tensor2D] }
  },
}

/** dy · (1 − y²), for y = tanh(…) */
function tanhSlope(tf: Tf, dy: Tensor, y: Tensor): Tensor2D {
  return tf.sub(dy, tf.mul(dy, tf.square(y))) as Tensor2D
}

/** dy · y (1 − y), for y = σ(…) */
function sigmoidSlope(tf: Tf, dy: Tensor, y: Tensor): Tensor2D {
  return tf.mul(dy, tf.sub(y, tf.square(y))) as Tensor2D
}

export const CELLS = { rnn, gru, lstm } as const
