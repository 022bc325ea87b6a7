// The multilayer perceptron: dense layers with a norm, an activation and dropout between them.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { MlpSpec } from '../../schemas/networks.ts'
import type { Network, WeightSpec } from '../network.ts'
import { batchNorm, layerNorm } from '../operations/normalize.ts'
import { reluOf } from '../operations/relu.ts'
import type { Tf } from '../tf.ts'
import { affine, applyDense, type ByName, byName, dense, kernel, moments } from './parts.ts'

/** Kernels and biases of each layer, "0/kernel", "0/bias", "1/kernel", …; with norms also "0/scale" and "0/shift". */
export function mlp(spec: MlpSpec, { inputs, outputs }: { inputs: number; outputs: number }): Network {
  const units = [inputs, ...spec.hidden, outputs]
  const last = units.length - 2
  const weights = units.slice(1).flatMap((after, layer) => {
    const from = units[layer]!
    return layer === last ? dense(String(layer), from, after) : hiddenWeights(spec, String(layer), from, after)
  })
  const averages = spec.normalize === 'batch' ? spec.hidden.flatMap((count, i) => moments(String(i), count)) : []
  return {
    inputs,
    outputs,
    examplesPerRow: 1,
    weights,
    averages,
    forward(tf, pass) {
      const weight = byName(weights, pass.weights)
      const average = byName(averages, pass.averages)
      const activate = activationOf(tf, spec.activation)
      const moved: Tensor[] = []
      let h = pass.x
      for (let layer = 0; layer < last; layer++) {
        const training = pass.noise !== undefined
        const hidden = hiddenLayer(tf, spec, { layer: String(layer), x: h, weight, average, training })
        moved.push(...hidden.averages)
        h = activate(hidden.z) as Tensor2D // [rows, units]
        if (pass.noise !== undefined) h = pass.noise.dropout(h, spec.dropout)
      }
      return { logits: applyDense(tf, weight, String(last), h), averages: moved }
    },
  }
}

/** No bias in front of a batch norm: it would be taken away again, and its gradient would be rounding errors alone. */
function hiddenWeights({ normalize }: MlpSpec, layer: string, inputs: number, outputs: number): WeightSpec[] {
  if (normalize === 'batch') return [kernel(layer, inputs, outputs), ...affine(layer, outputs)]
  return normalize === undefined
    ? dense(layer, inputs, outputs)
    : [...dense(layer, inputs, outputs), ...affine(layer, outputs)]
}

interface HiddenLayer {
  readonly layer: string
  readonly x: Tensor2D
  readonly weight: ByName
  readonly average: ByName
  readonly training: boolean
}

/** → what the activation is applied to, and the batch norm's averages */
function hiddenLayer(
  tf: Tf,
  { normalize }: MlpSpec,
  { layer, x, weight, average, training }: HiddenLayer,
): { z: Tensor; averages: Tensor[] } {
  if (normalize === undefined) return { z: applyDense(tf, weight, layer, x), averages: [] }
  const learnt = { scale: weight(`${layer}/scale`), shift: weight(`${layer}/shift`) }
  if (normalize === 'layer') return { z: layerNorm(tf, applyDense(tf, weight, layer, x), learnt), averages: [] }
  const { y, averages } = batchNorm(tf, tf.matMul(x, weight(`${layer}/kernel`) as Tensor2D), {
    ...learnt,
    averages: { mean: average(`${layer}/mean`), variance: average(`${layer}/variance`) },
    training,
  })
  return { z: y, averages: [averages.mean, averages.variance] }
}

function activationOf(tf: Tf, activation: MlpSpec['activation']): (z: Tensor) => Tensor {
  return activation === 'relu' ? reluOf(tf) : tf.tanh
}
