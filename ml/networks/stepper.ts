// Sequence models one token at a time, for generating text: what was read before is kept as a state.
import { strict as assert } from 'node:assert'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import { type Architecture, networkOf } from './open.ts'
import { byName } from './parts.ts'
import type { Reading } from './reading.ts'
import { recurrentReading } from './recurrent.ts'
import { transformerReading } from './transformer.ts'

/** null: the architecture predicts no next token, or is the user's own, which says nothing of single tokens. */
export function readingOf(architecture: Architecture): Reading | null {
  switch (architecture.kind) {
    case 'recurrent':
      return recurrentReading(architecture)
    case 'transformer':
      return transformerReading(architecture, architecture.inputs)
    default:
      return null
  }
}

export interface StepperState {
  /** tokens that were read */
  readonly position: number
  /** the owner disposes of them */
  readonly tensors: readonly Tensor[]
}

export interface Stepper {
  /** positions that a state can hold: after so many tokens a caller starts anew with the last ones; null: any number */
  readonly context: number | null
  /** Nothing read yet, for so many texts at once. */
  start(rows: number): StepperState
  /**
   * Reads one token id per text, [rows], and scores what follows: the same logits, [rows, tokens], as the forward pass has at this position.
   * The state that went in is left alone; everything that comes out is the caller's to dispose of.
   */
  next(state: StepperState, ids: Tensor1D): { readonly logits: Tensor2D; readonly state: StepperState }
}

/** Runs one step. `ids` [rows] are whole numbers in float32, `position` [1] is int32; → logits, then the state after it. */
export type StepCall = (ids: Tensor1D, position: Tensor1D, state: readonly Tensor[]) => readonly Tensor[]

/** `weights` in the order of the network's; they stay the caller's. Only for architectures that predict the next token. */
export function stepperOf(tf: Tf, architecture: Architecture, weights: readonly Tensor[]): Stepper {
  const reading = readingOf(architecture)
  assert(reading !== null, `${architecture.kind} reads no sequence`)
  const weight = byName(networkOf(architecture).weights, weights)
  return stepperBy(tf, reading, (ids, position, state) =>
    tf.tidy(() => {
      const after = reading.step(tf, weight, { ids: tf.cast(ids, 'int32'), position, state })
      return [after.logits, ...after.state]
    }),
  )
}

/** A stepper whose steps are run by `call`. */
export function stepperBy(tf: Tf, { context, state: shapes }: Reading, call: StepCall): Stepper {
  return {
    context,
    start: (rows) => ({ position: 0, tensors: shapes(rows, 0).map((shape) => tf.zeros(shape)) }),
    next({ position, tensors }, ids) {
      assert(context === null || position < context, `${position} tokens fill the context`)
      const at = tf.tensor1d([position], 'int32')
      const [logits, ...state] = call(ids, at, tensors)
      at.dispose()
      return { logits: logits as Tensor2D, state: { position: position + 1, tensors: state } }
    },
  }
}
