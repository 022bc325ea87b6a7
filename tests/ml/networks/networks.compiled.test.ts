// Every kind of network can be traced: loss, gradients and averages of the graph are those of the eager pass up to rounding, dropout included.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../../ml/graph/program.ts'
import type { Weight } from '../../../ml/network.ts'
import { networkOf } from '../../../ml/networks/open.ts'
import { noiseKeys, noiseOf } from '../../../ml/operations/noise.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { openTensorflow, THREE_CLASSES, trainSpec } from '../builders.ts'
import { CHAIN, largestDifference, rounding } from '../tolerance.ts'
import { architectureFor, NETWORKS, rowsFor } from './network-cases.ts'

const ROWS = 4
const opened = await openTensorflow()

describe.skipIf(opened === null)('compiled', () => {
  const { tf } = opened!

  it.each(NETWORKS)('%s agrees with eager', (_, spec) => {
    const architecture = architectureFor(spec)
    const network = networkOf(architecture)
    const count = network.weights.length
    const compute = (state: Tensor[], [x, y, key]: Tensor[]): Tensor[] => {
      const averages = state.slice(count)
      let moved: readonly Tensor[] = []
      const lossOf = tf.valueAndGrads((...weights: Tensor[]) => {
        const rows = x as Tensor2D
        const passed = network.forward(tf, { weights, averages, x: rows, noise: noiseOf(tf, key as Tensor1D) })
        moved = passed.averages.map((average) => tf.keep(average))
        return squaredError(passed.logits, network.targets?.(tf, rows, y as Tensor1D) ?? (y as Tensor1D))
      })
      const { value, grads } = lossOf(state.slice(0, count))
      return [value, ...grads, ...moved]
    }
    const inputs = [
      tf.tensor2d(rowsFor(architecture, ROWS, 3)),
      tf.tensor1d([0, 1, 2, 1]),
      tf.tensor1d(noiseKeys(7, { step: 1, steps: 1 })),
    ]
    const start = [...initialWeights(network.weights, 5), ...initialWeights(network.averages, 5)]
    const eager = valuesOf(compute(upload(start), inputs))
    const program = compileProgram(tf, {
      variables: start.map(({ shape }) => shape),
      functions: {
        pass: {
          inputs: inputs.map(({ shape }) => shape),
          compute: (state, x) => ({ outputs: compute(state, x) }),
        },
      },
    })
    program.assign(start.map(({ values }) => values))
    const compiled = valuesOf(program.call('pass', inputs))
    program.dispose()
    expect(compiled.length).toBe(eager.length)
    expect(largestDifference(compiled.flat(), eager.flat())).toBeLessThan(rounding(CHAIN.network))
  })

  it.each(NETWORKS)('%s is trained as a graph', async (_, spec) => {
    const architecture = architectureFor(spec)
    const matrix = (seed: number) => ({
      rows: 9,
      width: architecture.inputs,
      inputs: Float32Array.from(rowsFor(architecture, 9, seed).flat()),
      labels: Float32Array.from({ length: 9 }, (_row, i) => i % 3),
    })
    const rows = matrix(3)
    const predict: PredictSpec = isNext(spec) ? { task: 'next', column: 'body' } : THREE_CLASSES
    const { engine, why } = await chooseEngine({
      tf,
      predict,
      rows,
      validation: matrix(4),
      labels: rows.labels,
      backend: opened!.info,
      network: networkOf(architecture),
      train: trainSpec({ model: spec, batch: 4 }),
    })
    engine.dispose()
    expect([engine.kind, why]).toEqual(['compiled', expect.stringMatching(/^compiled/)])
  })

  function squaredError(logits: Tensor2D, y: Tensor1D): Scalar {
    return tf.mean(tf.square(tf.sub(logits, tf.reshape(y, [-1, 1]))))
  }

  function upload(weights: readonly Weight[]): Tensor[] {
    return weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
  }
})

function isNext({ kind }: ModelSpec): boolean {
  return kind === 'recurrent' || kind === 'transformer'
}

function valuesOf(tensors: readonly Tensor[]): number[][] {
  return tensors.map((tensor) => [...tensor.dataSync()])
}
