// Sequence models one token at a time, for generating text: what was read before is kept as a state.
import { strict as assert } from 'node:assert'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../backend.ts'
import { type Architecture, networkOf } from './open.ts'
import { byName } from './parts.ts'
import { recurrentStepper } from './recurrent.ts'
import { transformerStepper } from './transformer.ts'

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

export function isSequence(architecture: Architecture): boolean {
  return architecture.kind === 'recurrent' || architecture.kind === 'transformer'
}

/** `weights` in the order of the network's; they stay the caller's. Only for architectures that predict the next token. */
export function stepperOf(tf: Tf, architecture: Architecture, weights: readonly Tensor[]): Stepper {
  assert(
    architecture.kind === 'recurrent' || architecture.kind === 'transformer',
    `${architecture.kind} reads no sequence`,
  )
  const weight = byName(networkOf(architecture).weights, weights)
  const stepper =
    architecture.kind === 'recurrent'
      ? recurrentStepper(tf, architecture, weight)
      : transformerStepper(tf, architecture, weight)
  return {
    ...stepper,
    next(state, ids) {
      assert(stepper.context === null || state.position < stepper.context, `${state.position} tokens fill the context`)
      return stepper.next(state, ids)
    },
  }
}
