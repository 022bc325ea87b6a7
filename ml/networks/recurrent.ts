// Recurrent networks that predict the next token: embedding, layers of cells, one score per token.
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { RecurrentSpec } from '../../schemas/networks.ts'
import type { Network, WeightSpec } from '../network.ts'
import { embed } from '../operations/embedding.ts'
import { CELLS, type CellState, type CellWeights } from './cells.ts'
import { applyDense, type ByName, byName, dense, kernel, thinned } from './parts.ts'
import type { Reading } from './reading.ts'
import { scan } from './scan.ts'
import { inputIds, nextIds, rowMajor, type SequenceSizes, timeMajor } from './tokens.ts'

/** Rows of context + 1 token ids; examples are positions, row by row: [rows × context, tokens]. */
export function recurrent(spec: RecurrentSpec, { inputs, tokens }: SequenceSizes): Network {
  const context = inputs - 1
  const weights = weightsOf(spec, tokens)
  return {
    inputs,
    outputs: tokens,
    examplesPerRow: context,
    weights,
    averages: [],
    forward(tf, { weights: tensors, x, noise }) {
      const weight = byName(weights, tensors)
      const ids = timeMajor(tf, inputIds(tf, x)) // [context × rows]
      let h = thinned(noise, embed(tf, weight('embedding/table') as Tensor2D, ids), spec.dropout)
      let outputs: Tensor3D | undefined
      for (let layer = 0; layer < spec.layers; layer++) {
        const projected = applyDense(tf, weight, String(layer), h) // one product for all positions
        const steps = tf.reshape(projected, [context, -1, projected.shape[1]]) as Tensor3D
        outputs = scan(tf, CELLS[spec.cell], steps, cellWeights(weight, spec, layer)) // [context, rows, units]
        h = thinned(noise, tf.reshape(outputs, [-1, spec.units]) as Tensor2D, spec.dropout)
      }
      const byRow = rowMajor(tf, tf.reshape(h, [context, -1, spec.units]))
      return { logits: applyDense(tf, weight, 'output', byRow), averages: [] }
    },
    targets: nextIds,
  }
}

/** The same network, one token at a time: the state is all that it remembers. */
export function recurrentReading(spec: RecurrentSpec): Reading {
  const cell = CELLS[spec.cell]
  const layers = Array.from({ length: spec.layers }, (_, layer) => layer)
  return {
    context: null,
    state: (rows) => layers.flatMap(() => Array.from({ length: cell.parts }, () => [rows, spec.units])),
    step(tf, weight, { ids, state }) {
      let h = embed(tf, weight('embedding/table') as Tensor2D, ids)
      const states = layers.flatMap((layer) => {
        const before = state.slice(layer * cell.parts, (layer + 1) * cell.parts) as CellState
        const projected = applyDense(tf, weight, String(layer), h)
        const after = cell.step(tf, before, projected, cellWeights(weight, spec, layer))
        h = after.state[0]!
        return after.state
      })
      return { logits: applyDense(tf, weight, 'output', h), state: states }
    },
  }
}

/** Keras's first weights: embedding uniform in ±0.05, kernels by Glorot's rule, recurrent kernels orthogonal. */
function weightsOf(spec: RecurrentSpec, tokens: number): WeightSpec[] {
  const { embedding, units } = spec
  const table: WeightSpec = {
    name: 'embedding/table',
    shape: [tokens, embedding],
    initial: { kind: 'uniform', limit: 0.05 },
  }
  const layers = Array.from({ length: spec.layers }, (_, layer) =>
    layerWeights(spec, layer, layer === 0 ? embedding : units),
  )
  return [table, ...layers.flat(), ...dense('output', units, tokens)]
}

function layerWeights({ cell: kind, units }: RecurrentSpec, layer: number, inputs: number): WeightSpec[] {
  const cell = CELLS[kind]
  const columns = cell.gates * units
  const bias = { shape: [columns], decays: false } as const
  return [
    kernel(String(layer), inputs, columns),
    { name: `${layer}/recurrent`, shape: [units, columns], initial: { kind: 'orthogonal' } },
    { name: `${layer}/bias`, initial: { kind: 'stretches', values: cell.bias }, ...bias },
    ...(cell.recurrentBias
      ? [{ name: `${layer}/recurrentBias`, initial: { kind: 'constant', value: 0 }, ...bias } as const]
      : []),
  ]
}

function cellWeights(weight: ByName, { cell }: RecurrentSpec, layer: number): CellWeights {
  const kernel = weight(`${layer}/recurrent`) as Tensor2D
  if (!CELLS[cell].recurrentBias) return { recurrent: kernel }
  return { recurrent: kernel, recurrentBias: weight(`${layer}/recurrentBias`) }
}
