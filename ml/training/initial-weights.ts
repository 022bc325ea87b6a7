// First weights from the seed: each weight has a seed of its own, so that a layer more does not change the ones before it.
import { deriveSeed, permutation, type Random, seededRandom } from '../../core/random.ts'
import type { Initializer, Weight, WeightSpec } from '../network.ts'
import { sizeOf } from '../operations/shape.ts'

/** The same seed gives the same bits on every machine whose JavaScript has the same log, cos and sin: those of one version of V8, or all where none is needed. */
export function initialWeights(specs: readonly WeightSpec[], seed: number): Weight[] {
  return specs.map(({ name, shape, initial }) => {
    const values = new Float32Array(sizeOf(shape))
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
    case 'stretches':
      fillStretches(values, initial.values)
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

function fillStretches(values: Float32Array, constants: readonly number[]): void {
  const length = values.length / constants.length
  constants.forEach((constant, i) => {
    values.fill(constant, i * length, (i + 1) * length)
  })
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

/**
 * Orthonormal rows (or columns, where there are fewer of them): vectors of the standard basis, turned by layers of rotations by random
 * angles in random pairs of coordinates. Kac's walk (Kac 1956) comes close to uniform after thrice log₂(n) layers and costs
 * n² log n, where Gram–Schmidt on a normal matrix costs n³: a second instead of many for 1,024 units.
 */
function fillOrthogonal(values: Float32Array, shape: readonly number[], random: Random): void {
  const [rows, columns] = [shape[0]!, shape[1]!]
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows]
  const vectors = new Float64Array(count * length)
  for (let i = 0; i < count; i++) vectors[i * length + i] = 1
  const layers = 3 * Math.ceil(Math.log2(length + 1))
  for (let layer = 0; layer < layers; layer++) rotatePairs(vectors, length, random)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      values[r * columns + c] = rows <= columns ? vectors[r * length + c]! : vectors[c * length + r]!
}

/** One layer of the walk: coordinates in random pairs, each pair turned by an angle of its own, the same for all vectors. */
function rotatePairs(vectors: Float64Array, length: number, random: Random): void {
  const order = permutation(length, random)
  const pairs = Math.floor(length / 2)
  const angles = Float64Array.from({ length: pairs }, () => 2 * Math.PI * random())
  const [cosines, sines] = [angles.map(Math.cos), angles.map(Math.sin)]
  for (let start = 0; start < vectors.length; start += length) {
    for (let pair = 0; pair < pairs; pair++) {
      const a = start + order[2 * pair]!
      const b = start + order[2 * pair + 1]!
      const x = vectors[a]!
      const y = vectors[b]!
      vectors[a] = cosines[pair]! * x - sines[pair]! * y
      vectors[b] = sines[pair]! * x + cosines[pair]! * y
    }
  }
}
