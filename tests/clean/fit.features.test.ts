// From a feature and the training rows to constants: bounds, fills, vocabularies, and what cannot be fitted.
import { expect, test } from 'vitest'
import { transformFit } from '../../clean/fit.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { FittedFeature } from '../../schemas/dataset.ts'
import type { FeatureSpec } from '../../schemas/plan.ts'
import { batchOf, type Cell } from './rows.ts'

type Affine = Extract<FittedFeature, { encode: 'affine' }>

function fitOne(spec: ColumnSpec, feature: FeatureSpec, cells: readonly Cell[]): FittedFeature {
  const fitting = transformFit({ name: 'p', columns: [spec], features: [feature] })
  const rows = cells.map((cell, offset) => ({ cells: { x: cell }, partition: 0, offset, key: null }))
  fitting.add(batchOf([spec], rows.slice(0, 2)))
  fitting.add(batchOf([spec], rows.slice(2)))
  const { features, width } = fitting.finish()
  expect(width).toBe(features[0]!.width)
  return features[0]!
}

const number = (more: object = {}): ColumnSpec => ({ name: 'x', kind: 'number', ...more })
const standardize = (more: object = {}): FeatureSpec => ({ column: 'x', encode: 'standardize', log: false, ...more })
const scale: FeatureSpec = { column: 'x', encode: 'scale' }

test('standardize takes mean, deviation and median', () => {
  const fitted = fitOne(number(), standardize(), [1, 2, null, 9]) as Affine
  expect(fitted).toMatchObject({ fill: 2, offset: 4, low: -Number.MAX_VALUE, high: Number.MAX_VALUE })
  expect(fitted.factor).toBeCloseTo(1 / Math.sqrt(38 / 3), 12)
})

test('clip bounds come before mean and deviation', () => {
  const cells = [...Array.from({ length: 98 }, (_, i) => i % 2), 1e6, -1e6]
  const fitted = fitOne(number(), standardize({ clip: [0.02, 0.98] }), cells) as Affine
  expect(fitted).toMatchObject({ low: 0, high: 1, offset: 0.5, factor: 2 })
})

test('log fits and fills after the logarithm', () => {
  const cells = [0, Math.E - 1, null]
  expect(fitOne(number(), standardize({ log: true }), cells)).toMatchObject({
    log: true,
    offset: 0.5,
    fill: 0.5,
    factor: 2,
  })
  const declared = fitOne(number({ missing: Math.E ** 3 - 1 }), standardize({ log: true }), cells) as Affine
  expect(declared.fill).toBeCloseTo(3, 12)
})

test('scale takes the declared bounds', () => {
  const fitted = fitOne(number({ min: 0, max: 8 }), scale, [2, 2, null])
  expect(fitted).toMatchObject({ low: 0, high: 8, offset: 0, factor: 1 / 8, fill: 2 })
})

test('scale fits the bounds that are not declared', () => {
  expect(fitOne(number({ min: 0 }), scale, [2, 4])).toMatchObject({ low: 0, high: 4, offset: 0, factor: 1 / 4 })
  expect(fitOne(number({ missing: 3 }), scale, [2, 4])).toMatchObject({
    low: 2,
    high: 4,
    offset: 2,
    factor: 1 / 2,
    fill: 3,
  })
})

test('scale with clip keeps declared bounds as the unit', () => {
  const cells = [...Array.from({ length: 98 }, () => 4), 1, 8]
  const clipped: FeatureSpec = { column: 'x', encode: 'scale', clip: [0.02, 0.98] }
  expect(fitOne(number({ min: 0, max: 8 }), clipped, cells)).toMatchObject({
    low: 4,
    high: 4,
    offset: 0,
    factor: 1 / 8,
  })
})

test('vocabulary: frequent first, equals in byte order', () => {
  const cells = ['z', 'ü', 'z', 'b', '😀', 'b', '\uFF5E', null]
  const oneHot: FeatureSpec = { column: 'x', encode: 'oneHot' }
  const top = fitOne({ name: 'x', kind: 'category', top: 4 }, oneHot, cells)
  // UTF-16 order would put the emoji before U+FF5E
  expect(top).toEqual({ column: 'x', encode: 'oneHot', values: ['b', 'z', 'ü', '\uFF5E'], other: true, width: 5 })
  const all = fitOne({ name: 'x', kind: 'category' }, oneHot, cells)
  expect(all).toMatchObject({ values: ['b', 'z', 'ü', '\uFF5E', '😀'], width: 6 })
  const declared = fitOne({ name: 'x', kind: 'category', values: ['q', 'b'] }, oneHot, cells)
  expect(declared).toMatchObject({ values: ['q', 'b'], other: false, width: 2 })
})

test('elements scale by the declared range', () => {
  const pixels: ColumnSpec = { name: 'x', kind: 'numbers', length: 2, min: 0, max: 255, integers: true }
  expect(fitOne(pixels, scale, [[0, 1]])).toEqual({
    column: 'x',
    encode: 'elements',
    offset: 0,
    factor: 1 / 255,
    width: 2,
  })
})

test('elements standardize by one mean and deviation', () => {
  const pixels: ColumnSpec = { name: 'x', kind: 'numbers', length: 2, min: -9, max: 9, integers: false }
  const fitted = fitOne(pixels, standardize(), [[1, 3], null, [1, 3], [1, 3]])
  expect(fitted).toMatchObject({ encode: 'elements', offset: 2, factor: 1, width: 2 })
})

test('a flag needs no constants', () => {
  const flag: FeatureSpec = { column: 'x', encode: 'indicator' }
  expect(fitOne({ name: 'x', kind: 'flag' }, flag, [0])).toEqual({ column: 'x', encode: 'indicator', width: 1 })
})

test('a constant column is named', () => {
  expect(() => fitOne(number(), standardize(), [3, 3, null])).toThrow('feature x: expected values that differ')
  expect(() => fitOne(number(), scale, [3, 3])).toThrow(/found only 3/)
  expect(() => fitOne(number(), standardize(), [null, null])).toThrow(/found no value at all/)
  const mostlyZero = [...Array.from({ length: 99 }, () => 0), 5]
  expect(() => fitOne(number(), standardize({ clip: [0.05, 0.95] }), mostlyZero)).toThrow(/found only 0/)
})

test('a logarithm of −1 or less is refused', () => {
  expect(() => fitOne(number(), standardize({ log: true }), [1, -1])).toThrow(
    'feature x: expected training values above -1',
  )
  expect(() => fitOne(number(), standardize({ log: true }), [1, -2])).toThrow(/found -2/)
})

test('an encoding of another kind is refused', () => {
  expect(() => fitOne({ name: 'x', kind: 'flag' }, standardize(), [1])).toThrow(/features\.x.*a column of kind flag/)
})
