// What every optimizer is to the step: slots beside each weight, a step size per step, and an update in tensor operations.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { TrainSpec } from '../../schemas/plan.ts'
import type { WeightSpec } from '../network.ts'
import type { Tf } from '../tf.ts'
import { adam } from './adam.ts'
import { withAverage } from './averaging.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

export interface Updated {
  readonly weight: Tensor
  /** in the order of `Optimizer.slots` */
  readonly slots: readonly Tensor[]
}

export interface Optimizer {
  /** names of what is kept beside each weight in its shape, e.g. "first", "second" */
  readonly slots: readonly string[]
  /** slots that begin as a copy of the weight; the others begin at zero */
  readonly fromWeights?: readonly string[]
  /** the slot that is judged and kept instead of the weight */
  readonly kept?: string
  /** step size of step `step` (1 for the first), from the scheduled rate and the optimizer's own corrections */
  stepSize(rate: number, step: number): number
  /** One update of one weight; all arguments stay the caller's. Traced: tensor operations only. */
  update(of: {
    readonly spec: WeightSpec
    readonly weight: Tensor
    readonly gradient: Tensor
    readonly slots: readonly Tensor[]
    /** what stepSize gave */
    readonly stepSize: Scalar
    /** the scheduled rate itself, for decay that is apart from the gradient */
    readonly rate: Scalar
  }): Updated
}

export function optimizerOf(
  tf: Tf,
  { optimizer, averageWeights }: Pick<TrainSpec, 'optimizer' | 'averageWeights'>,
): Optimizer {
  const plain = plainOptimizer(tf, optimizer)
  return averageWeights === undefined ? plain : withAverage(tf, plain, averageWeights)
}

function plainOptimizer(tf: Tf, spec: TrainSpec['optimizer']): Optimizer {
  switch (spec.kind) {
    case 'adam':
    case 'adamW':
      return adam(tf, spec)
    case 'rmsprop':
      return rmsprop(tf, spec)
    case 'sgd':
      return sgd(tf, spec)
  }
}

/** Of all slots the values that are judged and kept: those of `kept`, or the weights themselves. */
export function keptOf<T>(
  { slots, kept }: Optimizer,
  weights: readonly T[],
  bySlot: readonly (readonly T[])[],
): readonly T[] {
  return kept === undefined ? weights : bySlot[slots.indexOf(kept)]!
}
