// A whole evaluation: alpha shared by its gates, slices in order, one verdict, and bytes that repeat.
import { expect, test } from 'vitest'
import { canonicalBytes } from '../../core/digest.ts'
import { seededRandom } from '../../core/random.ts'
import { type JudgeInput, judge } from '../../judge/evaluate.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { GateSpec } from '../../schemas/plan.ts'
import { flagPopulation } from './populations.ts'

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'plan', kind: 'category', values: ['free', 'team', 'business'] },
  { name: 'country', kind: 'category', top: 3 },
]
const ROWS = 400
const { candidate, champion } = flagPopulation(0.4).draw(ROWS, seededRandom(1), { candidate: 1.6, champion: 1.5 })

function input(gates: readonly GateSpec[], changes: Partial<JudgeInput> = {}): JudgeInput {
  return {
    plan: { name: 'churn', columns: COLUMNS, predict: candidate.predict, gates, alpha: 0.06 },
    candidate: { digest: 'new', outputs: candidate.outputs },
    champion: { digest: 'old', outputs: champion.outputs },
    labels: candidate.labels,
    slices: {
      plan: Array.from({ length: ROWS }, (_, row) => (row % 4 === 0 ? 'team' : 'free')),
      country: Array.from({ length: ROWS }, (_, row) => ['NL', 'DE', 'AT'][row % 3]!),
    },
    dataset: 'd',
    seed: 7,
    ...changes,
  }
}

const good: GateSpec = { gate: 'atLeast', metric: 'accuracy', value: 0.6 }
const bad: GateSpec = { gate: 'atLeast', metric: 'accuracy', value: 0.999 }
const open: GateSpec = { gate: 'atLeast', metric: 'accuracy', value: judge(input([])).metrics.accuracy! }

test('the worst gate is the verdict', () => {
  expect(judge(input([good])).verdict).toBe('PASS')
  expect(judge(input([good, open])).verdict).toBe('INCONCLUSIVE')
  expect(judge(input([open, bad, good])).verdict).toBe('FAIL')
  expect(judge(input([])).verdict).toBe('INCONCLUSIVE')
})

test('gates share alpha equally', () => {
  const within: GateSpec = { ...good, within: 'country' }
  expect(judge(input([good, within])).gates.map(({ alpha }) => alpha)).toEqual([0.015, 0.015, 0.015, 0.015])
})

test('slices are declared values, then found ones', () => {
  const names = (within: string) => judge(input([{ ...good, within }])).gates.map(({ slice, rows }) => [slice, rows])
  expect(names('country')).toEqual([
    ['AT', 133],
    ['DE', 133],
    ['NL', 134],
  ])
  expect(names('plan')).toEqual([
    ['free', 300],
    ['team', 100],
    ['business', 0],
  ])
})

test('a declared slice without rows is inconclusive', () => {
  const { gates, verdict } = judge(input([{ ...good, within: 'plan' }]))
  expect(gates[2]).toMatchObject({
    verdict: 'INCONCLUSIVE',
    rows: 0,
    why: '0 rows, and at least 1 are needed to judge',
  })
  expect(verdict).toBe('INCONCLUSIVE')
})

test('both models are measured on the same rows', () => {
  const evaluation = judge(input([{ gate: 'notWorse', metric: 'loss', by: 0.5 }]))
  const { metrics, championMetrics, gates } = evaluation
  expect(gates[0]!.estimate).toBeCloseTo(metrics.loss! - championMetrics!.loss!, 12)
  expect(gates[0]!.champion).toBe(championMetrics!.loss)
  expect(evaluation).toMatchObject({
    candidate: 'new',
    champion: 'old',
    rows: ROWS,
    pipeline: 'churn',
    dataset: 'd',
    seed: 7,
  })
  expect(evaluation.confusion.flat().reduce((total, count) => total + count, 0)).toBe(ROWS)
})

test('without a champion comparisons pass', () => {
  const evaluation = judge(input([{ gate: 'notWorse', metric: 'auc', by: 0 }], { champion: null }))
  expect(evaluation).toMatchObject({ champion: null, championMetrics: null, verdict: 'PASS' })
})

test('the same input gives the same bytes', () => {
  const gates: GateSpec[] = [
    good,
    { gate: 'notWorse', metric: 'auc', by: 0.01, within: 'plan' },
    { gate: 'atMost', metric: 'loss', value: 1 },
  ]
  expect(canonicalBytes(judge(input(gates)))).toEqual(canonicalBytes(judge(input(gates))))
})

test('a number is judged by its errors', () => {
  const labels = Float32Array.from({ length: ROWS }, (_, row) => row)
  const outputs = labels.map((label, row) => label + (row % 2 === 0 ? 1 : -1))
  const gates: GateSpec[] = [
    { gate: 'atMost', metric: 'rmse', value: 1.5 },
    { gate: 'atLeast', metric: 'r2', value: 0.9 },
    { gate: 'atMost', metric: 'mae', value: 0.5 },
  ]
  const base = input(gates)
  const predict = { task: 'number', column: 'y' } as const
  const evaluation = judge({
    ...base,
    plan: { ...base.plan, predict },
    labels,
    candidate: { digest: 'n', outputs },
    champion: null,
  })
  expect(evaluation.gates.map(({ verdict }) => verdict)).toEqual(['PASS', 'PASS', 'FAIL'])
  expect(evaluation).toMatchObject({ classes: [], confusion: [], metrics: { mae: 1, rmse: 1, loss: 1 } })
})

test('errors of a number are named with its unit', () => {
  const labels = Float32Array.from({ length: ROWS }, (_, row) => row + 1)
  const outputs = labels.map((label) => label * 1.25)
  const gates: GateSpec[] = [
    { gate: 'atMost', metric: 'mae', value: 1e3 },
    { gate: 'atMost', metric: 'mape', value: 0.3 },
    { gate: 'notWorse', metric: 'rmse', by: 5 },
  ]
  const base = input(gates)
  const plan = { ...base.plan, columns: [{ name: 'rent', kind: 'number' as const, unit: 'EUR' }] }
  const judged = (each: typeof plan.columns, truth = labels) =>
    judge({
      ...base,
      plan: { ...plan, columns: each, predict: { task: 'number', column: 'rent' } },
      labels: truth,
      candidate: { digest: 'n', outputs },
      champion: null,
    })
  const evaluation = judged(plan.columns)
  const names = ['mae ≤ 1000 EUR', 'mape ≤ 0.3', 'rmse not worse than the champion by 5 EUR']
  expect(evaluation.gates.map(({ name }) => name)).toEqual(names)
  expect(evaluation.metrics.mape).toBeCloseTo(0.25, 6)
  // a unit moves no interval
  const { unit: _, ...plain } = plan.columns[0]!
  const without = judged([plain as (typeof plan.columns)[0]])
  expect(without.gates.map(({ interval }) => interval)).toEqual(evaluation.gates.map(({ interval }) => interval))
  // a label of zero has no relative error
  const zero = judged(plan.columns, labels.with(0, 0))
  expect(zero.metrics).not.toHaveProperty('mape')
  expect(zero.gates[1]).toMatchObject({ verdict: 'INCONCLUSIVE', why: expect.stringContaining('not defined') })
})

test('refuses outputs that are not finite', () => {
  const outputs = candidate.outputs.map((output, row) => (row === 3 ? Number.NaN : output))
  expect(() => judge(input([good], { candidate: { digest: 'new', outputs } }))).toThrow(/NaN as output 3/)
})

test('refuses a slice without values', () => {
  expect(() => judge(input([{ ...good, within: 'city' }]))).toThrow(expect.objectContaining({ code: 'GATE_INVALID' }))
})
