// First weights: decided by the seed and the name, of the deviation that each rule promises, orthonormal where that is asked for.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Initializer, WeightSpec } from '../../../ml/network.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'

const valuesOf = (initial: Initializer, shape: number[], seed = 1): Float32Array =>
  initialWeights([{ name: 'a/kernel', shape, initial }], seed)[0]!.values

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

describe('first weights', () => {
  it('are orthonormal along the shorter side', () => {
    const size = fc.integer({ min: 1, max: 24 })
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 1_000 }), (rows, columns, seed) => {
        const values = valuesOf({ kind: 'orthogonal' }, [rows, columns], seed)
        const row = (r: number) => values.slice(r * columns, (r + 1) * columns)
        const column = (c: number) => Float32Array.from({ length: rows }, (_, r) => values[r * columns + c]!)
        const vectors = Array.from({ length: Math.min(rows, columns) }, (_, i) =>
          rows <= columns ? row(i) : column(i),
        )
        vectors.forEach((a, i) => {
          vectors.forEach((b, j) => {
            expect(Math.abs(dot(a, b) - (i === j ? 1 : 0))).toBeLessThan(1e-5)
          })
        })
      }),
      { numRuns: 50 },
    )
  })

  it('are spread evenly when orthogonal', () => {
    const values = valuesOf({ kind: 'orthogonal' }, [64, 192])
    const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / values.length
    expect(moment(2)).toBeCloseTo(1 / 192, 6)
    expect(moment(4) / moment(2) ** 2).toBeGreaterThan(2.5) // of a normal distribution: 3
    expect(moment(4) / moment(2) ** 2).toBeLessThan(3.6)
  })

  it.each<[Initializer, number]>([
    [{ kind: 'glorotUniform', fanIn: 30, fanOut: 50 }, Math.sqrt(2 / 80)],
    [{ kind: 'uniform', limit: 0.05 }, 0.05 / Math.sqrt(3)],
    [{ kind: 'normal', deviation: 0.02 }, 0.02],
  ])('%j has its deviation', (initial, deviation) => {
    const values = valuesOf(initial, [100, 200])
    expect(Math.sqrt(dot(values, values) / values.length) / deviation).toBeCloseTo(1, 1)
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) / values.length) / deviation).toBeLessThan(0.05)
  })

  it('come in stretches', () => {
    expect([...valuesOf({ kind: 'stretches', values: [0, 1, 2] }, [6])]).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('do not depend on other layers', () => {
    const layer = (i: number): WeightSpec => ({
      name: `${i}/kernel`,
      shape: [3, 4],
      initial: { kind: 'normal', deviation: 1 },
    })
    const two = initialWeights([layer(0), layer(1)], 5)
    expect(initialWeights([layer(0), layer(1), layer(2)], 5).slice(0, 2)).toEqual(two)
    expect(two[0]!.values).not.toEqual(two[1]!.values)
    expect(initialWeights([layer(0)], 6)[0]!.values).not.toEqual(two[0]!.values)
  })
})
