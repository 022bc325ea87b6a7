// What every optimizer is to the step: slots beside each weight, a step size per step, and an update in tensor operations.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { OptimizerSpec } from '../../schemas/plan.ts'
import type { Tf } from '../backend.ts'
import type { WeightSpec } from '../network.ts'
import { adam } from './adam.ts'

export interface Updated {
  readonly weight: Tensor
  /** in the order of `Optimizer.slots` */
  readonly slots: readonly Tensor[]
}

export interface Optimizer {
  /** names of what is kept beside each weight, in its shape and from zero, e.g. "first", "second" */
  readonly slots: readonly string[]
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

export function optimizerOf(tf: Tf, spec: OptimizerSpec): Optimizer {
  switch (spec.kind) {
    case 'adam':
      return adam(tf, spec)
  }
}
