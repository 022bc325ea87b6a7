// The multilayer perceptron: dense layers with an activation and dropout between them.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { MlpSpec } from '../../schemas/plan.ts'
import type { Tf } from '../backend.ts'
import type { Network, WeightSpec } from '../network.ts'
import { reluOf } from '../relu.ts'

/** Kernels and biases of each layer, "0/kernel", "0/bias", "1/kernel", … */
export function mlp(spec: MlpSpec, { inputs, outputs }: { inputs: number; outputs: number }): Network {
  const units = [inputs, ...spec.hidden, outputs]
  const layers = units.length - 1
  return {
    inputs,
    outputs,
    examplesPerRow: 1,
    weights: units.slice(1).flatMap((after, layer) => dense(String(layer), units[layer]!, after)),
    averages: [],
    forward(tf, { weights, x, noise }) {
      const activate = activationOf(tf, spec.activation)
      let h = x
      for (let layer = 0; layer < layers; layer++) {
        const z = tf.add(tf.matMul(h, weights[2 * layer] as Tensor2D), weights[2 * layer + 1]!) as Tensor2D // [rows, units]
        if (layer === layers - 1) return { logits: z, averages: [] }
        h = activate(z) as Tensor2D
        if (noise !== undefined) h = noise.dropout(h, spec.dropout)
      }
      return { logits: h, averages: [] }
    },
  }
}

/** Kernel [inputs, outputs] by Glorot's rule, bias [outputs] zero. */
export function dense(layer: string, inputs: number, outputs: number): WeightSpec[] {
  return [
    {
      name: `${layer}/kernel`,
      shape: [inputs, outputs],
      initial: { kind: 'glorotUniform', fanIn: inputs, fanOut: outputs },
    },
    { name: `${layer}/bias`, shape: [outputs], initial: { kind: 'constant', value: 0 }, decays: false },
  ]
}

function activationOf(tf: Tf, activation: MlpSpec['activation']): (z: Tensor) => Tensor {
  return activation === 'relu' ? reluOf(tf) : tf.tanh
}
