// Images as ten numbers: the transform against its definition, rows that decode, batches that do not overlap.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseValue } from '../../core/values.ts'
import { coefficientsOf, WAVES } from '../../pipelines/digits-tabular/coefficients.ts'
import { events } from '../../pipelines/digits-tabular/events.ts'
import definition from '../../pipelines/digits-tabular/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'

const plan = resolvePipeline(definition)

test('coefficients are those of the cosine transform', () => {
  const images = fc.uint8Array({ minLength: 784, maxLength: 784 })
  fc.assert(
    fc.property(images, (image) => {
      const expected = WAVES.map(([u, v]) => {
        const terms = [...image].map((grey, i) => {
          const [row, col] = [Math.floor(i / 28), i % 28]
          return grey * Math.cos((Math.PI * (row + 0.5) * u) / 28) * Math.cos((Math.PI * (col + 0.5) * v) / 28)
        })
        return terms.reduce((sum, term) => sum + term, 0) / 784
      })
      coefficientsOf(image).forEach((found, i) => {
        expect(Math.abs(found - expected[i]!)).toBeLessThan(6e-4)
      })
    }),
    { numRuns: 20 },
  )
})

test('there are ten of them', () => {
  expect(new Set(WAVES.map(String)).size).toBe(10)
  expect(coefficientsOf(new Uint8Array(784).fill(7))).toEqual([7, ...Array<number>(9).fill(0)])
})

test('every event decodes', () => {
  for (const { value } of events({ batch: 1, count: 50, seed: 1 })) {
    const json = JSON.parse(String(value)) as Record<string, unknown>
    expect(plan.columns.filter((column) => !parseValue(column, json[column.name]).ok)).toEqual([])
    expect(Object.keys(json).length).toBe(12)
  }
})

test('batches follow each other', () => {
  const first = (batch: number) => [...events({ batch, count: 1, seed: 1 })][0]!.key
  expect([1, 2, 5].map(first)).toEqual(['mnist-00000', 'mnist-20000', 'mnist-50000'])
  expect(() => [...events({ batch: 6, seed: 1 })]).toThrow('expected 1 to 5')
})
