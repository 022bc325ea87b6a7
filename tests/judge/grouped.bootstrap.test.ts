// Rows drawn in groups say what rows drawn one by one say, in a fraction of the time.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { bootstrap, drawWeights } from '../../judge/bootstrap.ts'
import { type Answers, onceEach, type RowSums } from '../../judge/estimator.ts'
import { judge } from '../../judge/evaluate.ts'
import { drawsGroups, groupedBootstrap } from '../../judge/grouped-bootstrap.ts'
import { estimators } from '../../judge/metrics.ts'
import type { GateSpec, MetricName } from '../../schemas/plan.ts'
import { classPopulation, flagPopulation } from './populations.ts'

const ROWS = 33_000
const skill = { candidate: 1.2, champion: 1.1 }
const flags = flagPopulation(0.1).draw(ROWS, seededRandom(1), skill).candidate
const classes = classPopulation(['a', 'b', 'c']).draw(ROWS, seededRandom(2), skill).candidate
const random = seededRandom(3)
const number: Answers = {
  predict: { task: 'number', column: 'y' },
  rows: ROWS,
  labels: Float32Array.from({ length: ROWS }, () => random() * 10),
  outputs: Float32Array.from({ length: ROWS }, () => random() * 10),
}
const documents: Answers = {
  predict: { task: 'next', column: 'y' },
  rows: ROWS,
  labels: Float32Array.from({ length: ROWS }, () => 1 + Math.floor(random() * 90)),
  outputs: Float32Array.from({ length: 3 * ROWS }, () => 1 + random() * 20),
}
const cases: readonly (readonly [string, Answers, readonly MetricName[]])[] = [
  ['a flag', flags, ['loss', 'auc', 'precision', 'recall', 'f1', 'calibrationError']],
  ['classes', classes, ['loss', 'auc', 'macroF1', 'precision', 'recall', 'calibrationError']],
  ['a number', number, ['loss', 'rmse', 'mae', 'mape', 'r2']],
  ['next tokens', documents, ['loss', 'perplexity', 'bitsPerCharacter']],
]

const all = cases.flatMap(([name, answers, metrics]) =>
  metrics.map((metric) => [`${metric} of ${name}`, estimators(answers)(metric)] as const),
)

function totalsOf(sums: RowSums, weights: Int32Array): Float64Array {
  const totals = new Float64Array(sums.count)
  const row = new Float64Array(sums.count)
  weights.forEach((weight, r) => {
    if (weight === 0) return
    row.fill(0)
    sums.add(r, row, 0)
    row.forEach((value, term) => {
      totals[term]! += weight * value
    })
  })
  return totals
}

describe.each(all)('%s', (name, estimator) => {
  // what the area's projection leaves out: the product of two deviations, each below the root of a side's rows
  const tolerance = name.startsWith('auc') ? 2e-4 : 1e-9
  const sums = estimator.sums!()
  test('by sums is the metric of any weights', () => {
    const weights = new Int32Array(ROWS)
    const draws = seededRandom(4)
    for (const drawn of [onceEach(ROWS), weights]) {
      if (drawn === weights) drawWeights(weights, draws)
      const totals = totalsOf(sums, drawn)
      expect(Math.abs(sums.value(totals, ROWS) - estimator.value(drawn))).toBeLessThan(tolerance)
      if (estimator.distance === undefined) continue
      expect(sums.distance!(totals, ROWS)).toBeCloseTo(estimator.distance.of(drawn), 9)
    }
  })

  test('spreads in groups as row by row', () => {
    const drawing = { rows: ROWS, seed: 5, replicates: 600 }
    const byRow = spreadOf(bootstrap({ ...drawing, statistic: estimator.value }))
    const [groups] = groupedBootstrap({ ...drawing, sums })
    const byGroup = spreadOf(groups!)
    // four standard errors of the ratio of two deviations, each of 600 draws: 4 √(2 / 1,200); and of two means
    expect(Math.abs(byGroup.deviation / byRow.deviation - 1)).toBeLessThan(0.17)
    expect(Math.abs(byGroup.mean - byRow.mean) / byRow.deviation).toBeLessThan(0.24)
  })
})

function spreadOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

test('few rows are drawn one by one', () => {
  expect([drawsGroups(32_767, { count: 1, work: 1 }), drawsGroups(32_768, { count: 1, work: 1 })]).toEqual([
    false,
    true,
  ])
})

test('rows are drawn one by one where groups cost more', () => {
  expect(drawsGroups(100_000, { count: 300, work: 1 })).toBe(false) // counts of a hundred classes
  expect(drawsGroups(100_000, { count: 400, work: 400 })).toBe(true) // their areas
})

test('the order of rows means nothing', () => {
  const error = (row: number) => Math.abs(flags.labels[row]! - flags.outputs[row]!)
  // by their errors: groups of neighbours would hold rows of one kind each, and spread twice as far
  const order = Int32Array.from(flags.labels.keys()).sort((a, b) => error(a) - error(b))
  const sorted = {
    ...flags,
    labels: Float32Array.from(order, (row) => flags.labels[row]!),
    outputs: Float32Array.from(order, (row) => flags.outputs[row]!),
  }
  const deviation = (answers: Answers) => {
    const sums = estimators(answers)('loss').sums!()
    return spreadOf(groupedBootstrap({ rows: ROWS, seed: 6, replicates: 600, sums })[0]!).deviation
  }
  expect(Math.abs(deviation(sorted) / deviation(flags) - 1)).toBeLessThan(0.17)
})

test('equal seeds give equal values', () => {
  const sums = estimators(flags)('auc').sums!()
  const draw = (seed: number) => groupedBootstrap({ rows: ROWS, seed, replicates: 20, sums })[0]
  expect(draw(9)).toEqual(draw(9))
  expect(draw(9)).not.toEqual(draw(10))
})

test('400,000 rows are judged in seconds', () => {
  const { candidate, champion } = flagPopulation(0.3).draw(400_000, seededRandom(7), skill)
  const gates: GateSpec[] = [
    { gate: 'atLeast', metric: 'auc', value: 0.6 },
    { gate: 'notWorse', metric: 'auc', by: 0.01 },
    { gate: 'notWorse', metric: 'loss', by: 0.01 },
    { gate: 'atMost', metric: 'calibrationError', value: 0.5 },
  ]
  const begun = performance.now()
  const { verdict } = judge({
    plan: { name: 'p', columns: [], predict: candidate.predict, gates, alpha: 0.05 },
    candidate: { digest: 'new', outputs: candidate.outputs },
    champion: { digest: 'old', outputs: champion.outputs },
    labels: candidate.labels,
    slices: {},
    dataset: 'd',
    seed: 8,
  })
  expect(verdict).toBe('PASS')
  expect(performance.now() - begun).toBeLessThan(15_000) // row by row: about a minute
})
