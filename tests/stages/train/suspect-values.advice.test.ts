// Advice about a loss that is no number: the data where it holds a value so large, else the learning rate.
import { expect, it } from 'vitest'
import { LESS_RATE } from '../../../ml/training/advice.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import type { Transform } from '../../../schemas/dataset.ts'
import { adviseOn } from '../../../stages/train/suspect-values.ts'

const part = (key: string, rows: number) => ({ key, rows, sha256: '', bytes: 0 })
const manifest = {
  parts: {
    train: [part('parts/a.arrow', 2), part('parts/b.arrow', 2)],
    validate: [part('parts/v.arrow', 2)],
    test: [],
  },
}
const transform: Transform = {
  kind: 'transform',
  width: 3,
  features: [
    { column: 'plan', encode: 'oneHot', values: ['x', 'y'], other: false, width: 2 },
    { column: 'spend', encode: 'affine', log: false, fill: 0, low: -1, high: 1, offset: 0, factor: 1, width: 1 },
  ],
}
const predict = { task: 'number', column: 'price' } as const
const matrix = (
  rows: number,
  changes: { inputs?: Record<number, number>; labels?: Record<number, number> },
): Matrix => ({
  rows,
  width: 3,
  inputs: Float32Array.from({ length: rows * 3 }, (_, i) => changes.inputs?.[i] ?? 0.5),
  labels: Float32Array.from({ length: rows }, (_, i) => changes.labels?.[i] ?? 1),
})
const calm = matrix(2, {})
const advise = (rows: Matrix, validation = calm) => adviseOn({ manifest, transform, predict, rows, validation })

it('ordinary values are not blamed', () => {
  const advice = advise(matrix(4, { inputs: { 5: 30 } }))
  expect([advice(Int32Array.of(0, 1)), advice(null)]).toEqual([LESS_RATE, LESS_RATE])
})

it('a large input is named by feature and row', () => {
  const advice = advise(matrix(4, { inputs: { 11: -3e20 } }))
  expect(advice(Int32Array.of(0, 3))).toMatch(
    /^the data is the likely cause: input spend is -3\d+ in rows 1 of parts\/b\.arrow; keep such values out by min and max/,
  )
  expect(advice(Int32Array.of(0, 1))).toBe(LESS_RATE) // not among these rows
})

it('a large label is named too', () => {
  expect(advise(matrix(4, { labels: { 0: 1e12 } }))(Int32Array.of(0))).toMatch(
    /label price is 999999995904 in rows 0 of parts\/a\.arrow; .*predict it in a larger unit/,
  )
})

it('validation rows are those of their parts', () => {
  expect(advise(matrix(4, {}), matrix(2, { inputs: { 2: 1e9 } }))(null)).toMatch(
    /input spend .* rows 0 of parts\/v\.arrow/,
  )
})

it('token ids are not blamed', () => {
  const features = [{ column: 't', encode: 'tokens', unit: 'words', vocabulary: [], width: 3 }] as const
  const text = { ...transform, features }
  const rows = matrix(4, { inputs: { 0: 5_000 } })
  expect(adviseOn({ manifest, transform: text, predict, rows, validation: calm })(Int32Array.of(0))).toBe(LESS_RATE)
})
