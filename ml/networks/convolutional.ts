// Convolutions for images: filters, max pooling between them, dense layers at the end.
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { ConvolutionalSpec } from '../../schemas/networks.ts'
import type { Network, WeightSpec } from '../network.ts'
import { addBias } from '../operations/bias.ts'
import { batchNorm } from '../operations/normalize.ts'
import { reluOf } from '../operations/relu.ts'
import type { Tf } from '../tf.ts'
import { affine, applyDense, type ByName, bias, byName, dense, moments } from './parts.ts'

/**
 * Rows are images of height × width × channels values, the channel fastest. Each convolution keeps the sides ("same" padding), each pooling
 * divides them and drops what is left over. Weights "0/kernel" [kernel, kernel, channels, filters], …, then the dense layers.
 */
export function convolutional(spec: ConvolutionalSpec, outputs: number): Network {
  const [height, width, channels] = spec.image
  const convolutions = spec.filters.map((_, i) => `${i}`)
  const units = [flatSize(spec), ...spec.dense, outputs]
  const layers = units.slice(1).map((_, i) => `dense${i}`)
  const weights = [
    ...spec.filters.flatMap((filters, i) => convolutionWeights(spec, `${i}`, spec.filters[i - 1] ?? channels, filters)),
    ...layers.flatMap((layer, i) => dense(layer, units[i]!, units[i + 1]!)),
  ]
  const averages = spec.batchNorm ? spec.filters.flatMap((filters, i) => moments(`${i}`, filters)) : []
  return {
    inputs: height * width * channels,
    outputs,
    examplesPerRow: 1,
    weights,
    averages,
    forward(tf, { weights: tensors, averages: before, x, noise }) {
      const weight = byName(weights, tensors)
      const average = byName(averages, before)
      const relu = reluOf(tf)
      const moved: Tensor[] = []
      let image = tf.reshape(x, [-1, height, width, channels]) as Tensor4D
      for (const layer of convolutions) {
        const convolved = convolve(tf, spec, { layer, image, weight, average, training: noise !== undefined })
        moved.push(...convolved.averages)
        image = relu(convolved.z)
        if (spec.pool > 1) image = tf.maxPool(image, spec.pool, spec.pool, 'valid')
      }
      let h = tf.reshape(image, [-1, units[0]!]) as Tensor2D
      layers.forEach((layer, i) => {
        if (noise !== undefined) h = noise.dropout(h, spec.dropout)
        h = applyDense(tf, weight, layer, h)
        if (i < layers.length - 1) h = relu(h)
      })
      return { logits: h, averages: moved }
    },
  }
}

/** Sides after every convolution and pooling; 0 or less: too many of them. */
function pooledSides({ image: [height, width], filters, pool }: ConvolutionalSpec): readonly [number, number] {
  const after = (side: number): number => filters.reduce((left) => Math.floor(left / pool), side)
  return [after(height), after(width)]
}

/** Values that the dense layers get. */
function flatSize(spec: ConvolutionalSpec): number {
  const [height, width] = pooledSides(spec)
  return height * width * (spec.filters.at(-1) ?? spec.image[2])
}

/** He et al. 2015 would be wider; Glorot's rule is what Keras takes, with fans counted over the filter's area. */
function convolutionWeights(spec: ConvolutionalSpec, layer: string, channels: number, filters: number): WeightSpec[] {
  const area = spec.kernel ** 2
  const kernel: WeightSpec = {
    name: `${layer}/kernel`,
    shape: [spec.kernel, spec.kernel, channels, filters],
    initial: { kind: 'glorotUniform', fanIn: area * channels, fanOut: area * filters },
  }
  return spec.batchNorm ? [kernel, ...affine(layer, filters)] : [kernel, bias(layer, filters)]
}

interface Convolution {
  readonly layer: string
  readonly image: Tensor4D
  readonly weight: ByName
  readonly average: ByName
  readonly training: boolean
}

/** No bias in front of a batch norm: see mlp. */
function convolve(
  tf: Tf,
  spec: ConvolutionalSpec,
  { layer, image, weight, average, training }: Convolution,
): { z: Tensor4D; averages: Tensor[] } {
  const filtered = tf.conv2d(image, weight(`${layer}/kernel`) as Tensor4D, 1, 'same')
  if (!spec.batchNorm) return { z: addBias(tf, filtered, weight(`${layer}/bias`)), averages: [] }
  const { y, averages } = batchNorm(tf, filtered, {
    scale: weight(`${layer}/scale`),
    shift: weight(`${layer}/shift`),
    averages: { mean: average(`${layer}/mean`), variance: average(`${layer}/variance`) },
    training,
  })
  return { z: y, averages: [averages.mean, averages.variance] }
}
