// Pieces that several kinds of networks are made of: dense layers, norms, and weights by their names.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { WeightSpec } from '../network.ts'
import { addBias } from '../operations/bias.ts'
import type { Noise } from '../operations/noise.ts'
import type { Tf } from '../tf.ts'

/** added to a score that must not count, such as that of padding: e to this is 0 in float32 */
export const NEVER = -1e9

export type ByName<T extends Tensor = Tensor> = (name: string) => T

/** Tensors in the order of the specs → a lookup. */
export function byName(specs: readonly WeightSpec[], tensors: readonly Tensor[]): ByName {
  const places = new Map(specs.map(({ name }, i) => [name, tensors[i]!]))
  return (name) => places.get(name)!
}

/** Kernel [inputs, outputs] by Glorot's rule, bias [outputs] zero. */
export function dense(layer: string, inputs: number, outputs: number): WeightSpec[] {
  return [kernel(layer, inputs, outputs), bias(layer, outputs)]
}

export function kernel(layer: string, inputs: number, outputs: number): WeightSpec {
  const initial = { kind: 'glorotUniform', fanIn: inputs, fanOut: outputs } as const
  return { name: `${layer}/kernel`, shape: [inputs, outputs], initial }
}

export function bias(layer: string, outputs: number): WeightSpec {
  return { name: `${layer}/bias`, shape: [outputs], initial: { kind: 'constant', value: 0 }, decays: false }
}

/** x · kernel + bias */
export function applyDense(tf: Tf, weight: ByName, layer: string, x: Tensor2D): Tensor2D {
  return addBias(tf, tf.matMul(x, weight(`${layer}/kernel`) as Tensor2D) as Tensor2D, weight(`${layer}/bias`))
}

/** Scale 1 and shift 0, [channels] each. */
export function affine(layer: string, channels: number): WeightSpec[] {
  return [
    { name: `${layer}/scale`, shape: [channels], initial: { kind: 'constant', value: 1 }, decays: false },
    { name: `${layer}/shift`, shape: [channels], initial: { kind: 'constant', value: 0 }, decays: false },
  ]
}

/** A batch norm's averages before the first step: mean 0, variance 1. */
export function moments(layer: string, channels: number): WeightSpec[] {
  return [
    { name: `${layer}/mean`, shape: [channels], initial: { kind: 'constant', value: 0 } },
    { name: `${layer}/variance`, shape: [channels], initial: { kind: 'constant', value: 1 } },
  ]
}

/** Dropout while training; nothing when predicting. */
export function thinned<T extends Tensor>(noise: Noise | undefined, h: T, share: number): T {
  return noise === undefined ? h : noise.dropout(h, share)
}
