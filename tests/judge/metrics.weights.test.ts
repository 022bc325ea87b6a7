// A row that counts twice is the same as the row written twice: what the bootstrap relies on.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answers, onceEach, type Weights } from '../../judge/estimator.ts'
import { estimators } from '../../judge/metrics.ts'
import type { MetricName, PredictSpec } from '../../schemas/plan.ts'

const THREE = { task: 'category', column: 'y', classes: ['a', 'b', 'c'] } as const
const FLAG = { task: 'probability', column: 'y' } as const
const NUMBER = { task: 'number', column: 'y' } as const
const CLASSIFICATION = ['accuracy', 'loss', 'auc', 'macroF1', 'precision', 'recall', 'f1', 'calibrationError'] as const

const tasks: readonly (readonly [PredictSpec, number, readonly MetricName[]])[] = [
  [THREE, 3, CLASSIFICATION],
  [FLAG, 1, CLASSIFICATION],
  [NUMBER, 1, ['loss', 'rmse', 'mae', 'mape', 'r2']],
]

/** Rows drawn with replacement, as row numbers: weights and the written-out rows say the same. */
function weigh(draws: readonly number[], rows: number): Int32Array {
  const weights = new Int32Array(rows)
  for (const row of draws) weights[row]!++
  return weights
}

function write(answers: Answers, draws: readonly number[], width: number): Answers {
  const outputs = draws.flatMap((row) => [...answers.outputs.subarray(row * width, (row + 1) * width)])
  return {
    ...answers,
    outputs: Float32Array.from(outputs),
    labels: Float32Array.from(draws, (row) => answers.labels[row]!),
  }
}

test.each(tasks)('weights are repeated rows: %o', (predict, width, metrics) => {
  const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20)
  const row = fc.record({
    outputs: fc.array(share, { minLength: width, maxLength: width }),
    label: fc.nat(width === 3 ? 2 : 1),
  })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 25 }), fc.infiniteStream(fc.nat(24)), (rows, stream) => {
      const draws = [...stream.take(rows.length)].map((draw) => draw % rows.length)
      const answers: Answers = {
        predict,
        rows: rows.length,
        outputs: Float32Array.from(rows.flatMap(({ outputs }) => outputs)),
        labels: Float32Array.from(rows, ({ label }) => label),
      }
      for (const metric of metrics) {
        const weighted = estimators(answers)(metric).value(weigh(draws, rows.length))
        const written = estimators(write(answers, draws, width))(metric).value(onceEach(rows.length))
        if (Number.isFinite(written)) expect(weighted, metric).toBeCloseTo(written, 9)
        else expect(Number.isFinite(weighted), metric).toBe(false)
      }
    }),
  )
})

test.each(['loss', 'rmse', 'mae', 'mape'] as const)('%s knows how far a row moves it', (metric) => {
  const answers = {
    predict: NUMBER,
    rows: 4,
    outputs: Float32Array.of(1, 2, 3, 4),
    labels: Float32Array.of(1.5, 2, 1, 7),
  }
  const { value, reach } = estimators(answers)(metric)
  const step = 1e-6
  for (let row = 0; row < answers.rows; row++) {
    // weights are counts; here one of them is moved a little, to see the slope
    const moved = Float64Array.from(answers.labels, (_, each) => (each === row ? 1 + step : 1)) as unknown as Weights
    const slope = (value(moved) - value(onceEach(answers.rows))) / step
    expect((reach as Float64Array)[row]).toBeCloseTo(slope * answers.rows, 4)
  }
})

test('a metric of another task is refused', () => {
  const answers = { predict: FLAG, rows: 1, outputs: Float32Array.of(0.5), labels: Float32Array.of(1) }
  expect(() => estimators(answers)('rmse')).toThrow(expect.objectContaining({ code: 'GATE_INVALID' }))
})
