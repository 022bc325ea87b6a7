// TensorFlow's own fused update operations, for the optimizers that have one: one pass over memory instead of one per arithmetic operation.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { TrainSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import { type Attribute, attribute, DATA_TYPES } from './graph-def.ts'

/** An operation that changes variables in place. Its inputs: the variables, then the tensors. */
export interface NativeUpdate {
  readonly op: string
  /** positions in the program's variables */
  readonly variables: readonly number[]
  readonly inputs: readonly Tensor[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** `variables`: the weight, then its slots in the optimizer's order. */
type Fused = (of: {
  readonly variables: readonly number[]
  readonly gradient: Tensor
  readonly stepSize: Scalar
}) => NativeUpdate

const FLOAT = attribute('type', DATA_TYPES.float32)

/**
 * The same formulas as ml/optimizers, rounded as the library does; null where it has no such operation (weight decay, averaged weights,
 * RMSprop without momentum).
 */
export function fusedUpdate(tf: Tf, { optimizer, averageWeights }: TrainSpec): Fused | null {
  if (averageWeights !== undefined) return null
  switch (optimizer.kind) {
    case 'adam': {
      const { beta1, beta2, epsilon } = optimizer
      // powers of zero: the step size already holds the corrections
      return ({ variables, gradient, stepSize }) => ({
        op: 'ResourceApplyAdam',
        variables,
        inputs: [...scalars(tf, 0, 0), stepSize, ...scalars(tf, beta1, beta2, epsilon), gradient],
        attributes: { T: FLOAT },
      })
    }
    case 'sgd': {
      const { momentum, nesterov } = optimizer
      if (momentum === 0) {
        return ({ variables, gradient, stepSize }) => ({
          op: 'ResourceApplyGradientDescent',
          variables,
          inputs: [stepSize, gradient],
          attributes: { T: FLOAT },
        })
      }
      return ({ variables, gradient, stepSize }) => ({
        op: 'ResourceApplyKerasMomentum',
        variables,
        inputs: [stepSize, gradient, ...scalars(tf, momentum)],
        attributes: { T: FLOAT, use_nesterov: attribute('boolean', nesterov) },
      })
    }
    case 'rmsprop': {
      const { rho, momentum, epsilon } = optimizer
      if (momentum === 0) return null
      return ({ variables, gradient, stepSize }) => ({
        op: 'ResourceApplyRMSProp',
        variables,
        inputs: [stepSize, ...scalars(tf, rho, momentum, epsilon), gradient],
        attributes: { T: FLOAT },
      })
    }
    case 'adamW':
      return null
  }
}

function scalars(tf: Tf, ...values: readonly number[]): Tensor[] {
  return values.map((value) => tf.scalar(value))
}
