// The scale of a number to predict is fitted on the training rows, stands in the transform, and turns labels and answers both ways.
import { expect, test } from 'vitest'
import { transformFit } from '../../clean/fit.ts'
import { scaledLabel, scaledTrain, unscaledLabel } from '../../ml/features/label-scale.ts'
import { labelsOf } from '../../ml/features/labels.ts'
import type { FittedLabel } from '../../schemas/dataset.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import { trainSpec } from '../ml/builders.ts'
import { batchOf } from './rows.ts'

const SPEC = { name: 'price', kind: 'number' } as const
const PREDICT: PredictSpec = { task: 'number', column: 'price' }
const rowsOf = (prices: readonly number[]) =>
  batchOf(
    [SPEC],
    prices.map((price, offset) => ({ cells: { price }, partition: 0, offset, key: null })),
  )

function scaleOf(prices: readonly number[], predict?: PredictSpec): FittedLabel | undefined {
  const fitting = transformFit({ name: 'p', columns: [SPEC], features: [], ...(predict && { predict }) })
  fitting.add(rowsOf(prices.slice(0, 1)))
  fitting.add(rowsOf(prices.slice(1)))
  return fitting.finish().label
}

test('mean and deviation are those of all rows', () => {
  expect(scaleOf([1, 2, 3, 6], PREDICT)).toEqual({ column: 'price', log: false, mean: 3, deviation: Math.sqrt(3.5) })
})

test('a logarithm comes first', () => {
  const label = scaleOf([0, Math.expm1(4)], { ...PREDICT, log: true })!
  expect(label).toMatchObject({ log: true, mean: expect.closeTo(2, 12), deviation: expect.closeTo(2, 12) })
  expect(scaledLabel(label, Math.expm1(4))).toBeCloseTo(1, 12)
  expect(unscaledLabel(label, 1)).toBeCloseTo(Math.expm1(4), 9)
})

test('other tasks have no scale', () => {
  expect(scaleOf([1, 2])).toBeUndefined()
  expect(scaleOf([1, 2], { task: 'probability', column: 'x' })).toBeUndefined()
})

test('equal labels have the deviation one', () => {
  expect(scaleOf([7, 7, 7], PREDICT)).toMatchObject({ mean: 7, deviation: 1 })
})

test('labels are rounded after they are scaled', () => {
  const label = scaleOf([1e9, 1e9 + 2], PREDICT)!
  expect([...labelsOf(rowsOf([1e9, 1e9 + 2]), PREDICT, label)]).toEqual([-1, 1])
})

test('a label without a logarithm is named', () => {
  const facts = { column: 'price', found: '-1 in partition 0 at offset 1' }
  const refused = expect.objectContaining({ code: 'LABEL_UNDEFINED', facts })
  expect(() => scaleOf([1, 2, -1], { ...PREDICT, log: true })).toThrow(refused)
  const label = scaleOf([1, 2], { ...PREDICT, log: true })!
  expect(() => labelsOf(rowsOf([1, -1]), PREDICT, label)).toThrow(refused) // among validation rows
})

test("Huber's delta is in the unit of the label", () => {
  const label = { column: 'price', log: false, mean: 100, deviation: 20 }
  const train = trainSpec({ loss: { kind: 'huber', delta: 10 } })
  expect(scaledTrain(train, label).loss).toEqual({ kind: 'huber', delta: 0.5 })
  expect(scaledTrain(train, undefined)).toBe(train)
})
