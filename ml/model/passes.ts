// What a loaded model computes, in tensor operations only; and the way that runs them one by one, on every backend.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { PADDING_ID } from '../../core/tokens.ts'
import { softmaxCrossEntropy } from '../losses/cross-entropy.ts'
import type { Network } from '../network.ts'
import type { Architecture } from '../networks/open.ts'
import { readingOf, type Stepper, stepperOf } from '../networks/stepper.ts'
import { nextIds } from '../networks/tokens.ts'
import { applyHead, type Head } from '../operations/head.ts'
import { lookUp } from '../operations/look-up.ts'
import type { Tf } from '../tf.ts'
import type { EngineKind } from '../training/engine/engine.ts'

export interface PassParts {
  readonly architecture: Architecture
  readonly network: Network
  readonly head: Head
  /** in the order of `Network.weights` */
  readonly weights: readonly Tensor[]
  /** in the order of `Network.averages` */
  readonly averages: readonly Tensor[]
}

/**
 * The passes of a model; rows are independent of each other, and results are the caller's to dispose of. x [rows, inputs]; `asked` [rows],
 * int32: of a model of next tokens, for each row the position of [rows × context] that is asked for, else null.
 */
export interface Passes {
  readonly kind: EngineKind
  /** → probabilities or values, [rows, outputs] */
  answers(x: Tensor2D, asked: Tensor1D | null): Tensor2D
  /** → the same before the head */
  scores(x: Tensor2D, asked: Tensor1D | null): Tensor2D
  /** Of a model of next tokens: → −ln P of each target, [rows × context], 0 where it is padding. */
  losses(x: Tensor2D): Tensor1D
  /** null: the network cannot read single tokens */
  readonly stepper: Stepper | null
  /** Frees the weights too. */
  dispose(): void
}

/** Takes the weights over. */
export function eagerPasses(tf: Tf, parts: PassParts): Passes {
  const { architecture, head, weights, averages } = parts
  return {
    kind: 'eager',
    answers: (x, asked) => tf.tidy(() => applyHead(tf, head, scoresOf(tf, logitsOf(tf, parts, x), asked))),
    scores: (x, asked) => tf.tidy(() => scoresOf(tf, logitsOf(tf, parts, x), asked)),
    losses: (x) => tf.tidy(() => lossesOf(tf, x, logitsOf(tf, parts, x))),
    stepper: readingOf(architecture) === null ? null : stepperOf(tf, architecture, weights),
    dispose: () => tf.dispose([...weights, ...averages]),
  }
}

/** → [rows × examplesPerRow, outputs] */
export function logitsOf(tf: Tf, { network, weights, averages }: PassParts, x: Tensor2D): Tensor2D {
  return network.forward(tf, { weights, averages, x }).logits
}

/** → [rows, outputs] */
export function scoresOf(tf: Tf, logits: Tensor2D, asked: Tensor1D | null): Tensor2D {
  return asked === null ? logits : (lookUp(tf, logits, asked) as Tensor2D)
}

/** → [rows × context] */
export function lossesOf(tf: Tf, x: Tensor2D, logits: Tensor2D): Tensor1D {
  const targets = nextIds(tf, x)
  const { losses } = softmaxCrossEntropy(tf, 0)(logits, targets)
  return tf.mul(losses, tf.cast(tf.notEqual(targets, PADDING_ID), 'float32'))
}
