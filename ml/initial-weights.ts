// First weights from the seed: each weight has a seed of its own, so that a layer more does not change the ones before it.
import { deriveSeed, type Random, seededRandom } from '../core/random.ts'
import type { Initializer, Weight, WeightSpec } from './network.ts'

/** The same seed gives the same bits on every machine. */
export function initialWeights(specs: readonly WeightSpec[], seed: number): Weight[] {
  return specs.map(({ name, shape, initial }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
    fill(values, shape, initial, seededRandom(seedOf(seed, name)))
    return { name, shape, values }
  })
}

export function zerosLike(weights: readonly Weight[]): Weight[] {
  return weights.map((weight) => ({ ...weight, values: new Float32Array(weight.values.length) }))
}

/** "0/kernel" → derived from 'kernel' and 0 */
function seedOf(seed: number, name: string): number {
  const parts = name.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  return deriveSeed(seed, ...parts.toReversed())
}

function fill(values: Float32Array, shape: readonly number[], initial: Initializer, random: Random): void {
  switch (initial.kind) {
    case 'constant':
      values.fill(initial.value)
      return
    case 'uniform':
      fillUniform(values, initial.limit, random)
      return
    case 'glorotUniform':
      fillUniform(values, Math.sqrt(6 / (initial.fanIn + initial.fanOut)), random)
      return
    case 'normal':
      fillNormal(values, initial.deviation, random)
      return
    case 'orthogonal':
      fillOrthogonal(values, shape, random)
      return
  }
}

function fillUniform(values: Float32Array, limit: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random() - 1) * limit
}

/** Box & Muller 1958. */
function fillNormal(values: Float32Array | Float64Array, deviation: number, random: Random): void {
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random())) * deviation
    const angle = 2 * Math.PI * random()
    values[i] = radius * Math.cos(angle)
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle)
  }
}

/** Gram–Schmidt (twice, against rounding) over the shorter side's vectors of a normal matrix. */
function fillOrthogonal(values: Float32Array, shape: readonly number[], random: Random): void {
  const [rows, columns] = [shape[0]!, shape[1]!]
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows]
  const normal = new Float64Array(count * length)
  fillNormal(normal, 1, random)
  const vectors = Array.from({ length: count }, (_, i) => normal.subarray(i * length, (i + 1) * length))
  vectors.forEach((vector, i) => {
    for (let pass = 0; pass < 2; pass++) for (let j = 0; j < i; j++) removeProjection(vector, vectors[j]!)
    const norm = Math.hypot(...vector)
    for (let k = 0; k < length; k++) vector[k]! /= norm
  })
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) values[r * columns + c] = rows <= columns ? vectors[r]![c]! : vectors[c]![r]!
}

function removeProjection(vector: Float64Array, onto: Float64Array): void {
  let dot = 0
  for (let k = 0; k < vector.length; k++) dot += vector[k]! * onto[k]!
  for (let k = 0; k < vector.length; k++) vector[k]! -= dot * onto[k]!
}
