// Over many samples of known populations: how often a gate is wrong, and whether the rows that it asks for are enough.
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { judgeGate } from '../../judge/gates.ts'
import { LOWER_IS_BETTER } from '../../schemas/metrics.ts'
import type { GateSpec, MetricName } from '../../schemas/plan.ts'
import type { GateResult, Verdict } from '../../schemas/verdict.ts'
import { calibratedPopulation, classPopulation, flagPopulation, type Population, truthOf } from './populations.ts'

const ALPHA = 0.1
const SAMPLES = 150
const TIMEOUT = { timeout: 240_000 }

function judgeSamples(options: {
  population: Population
  skill: { candidate: number; champion: number }
  gate: GateSpec
  rows: number
  samples?: number
}): GateResult[] {
  const { population, skill, gate, rows, samples = SAMPLES } = options
  return Array.from({ length: samples }, (_, seed) => {
    const pair = population.draw(rows, seededRandom(seed), skill)
    return judgeGate({ gate, ...pair }, { alpha: ALPHA, seed })
  })
}

function share(results: readonly GateResult[], verdict: Verdict): number {
  return results.filter((result) => result.verdict === verdict).length / results.length
}

const flag = flagPopulation(0.3)
const classes = classPopulation(['a', 'b', 'c', 'd', 'e'])
const worse = { candidate: 1.3, champion: 1.6 }

const cases: readonly (readonly [MetricName, Population, { candidate: number; champion: number }, number])[] = [
  ['accuracy', flag, worse, 100],
  ['loss', flag, worse, 100],
  ['auc', flag, worse, 300],
  ['recall', flag, worse, 100],
  ['macroF1', classes, worse, 100],
  ['calibrationError', calibratedPopulation, { candidate: 1.3, champion: 1 }, 250],
]

// with the truth exactly at the limit both PASS and FAIL are mistakes; away from it they are rarer still
test.each(cases)('%s at its limit decides rarely', TIMEOUT, (metric, population, skill, rows) => {
  const value = truthOf(population, metric, skill).candidate
  const gate: GateSpec = { gate: LOWER_IS_BETTER.has(metric) ? 'atMost' : 'atLeast', metric, value }
  const results = judgeSamples({ population, skill, gate, rows })
  expect(share(results, 'PASS')).toBeLessThanOrEqual(ALPHA)
  expect(share(results, 'FAIL')).toBeLessThanOrEqual(ALPHA)
})

test.each(cases)('%s worse by its margin passes rarely', TIMEOUT, (metric, population, skill, rows) => {
  const by = Math.abs(truthOf(population, metric, skill).difference)
  const results = judgeSamples({ population, skill, gate: { gate: 'notWorse', metric, by }, rows })
  expect(share(results, 'PASS')).toBeLessThanOrEqual(ALPHA)
  expect(share(results, 'FAIL')).toBeLessThanOrEqual(ALPHA)
})

test.each([
  ['accuracy', classes, 100],
  ['loss', classes, 50],
] as const)('a planted regression in %s is caught at rowsNeeded', TIMEOUT, (metric, population, rows) => {
  // three quarters of the regression are beyond the margin
  const { difference } = truthOf(population, metric, worse)
  const gate: GateSpec = { gate: 'notWorse', metric, by: Math.abs(difference) / 4 }
  // pilots whose estimate is about the truth, since that is what rowsNeeded assumes
  const pilots = judgeSamples({ population, skill: worse, gate, rows, samples: 200 })
    .filter(({ verdict }) => verdict === 'INCONCLUSIVE')
    .sort((a, b) => Math.abs(a.estimate - difference) - Math.abs(b.estimate - difference))
  const asked = pilots.slice(0, 9).map(({ rowsNeeded }) => rowsNeeded!)
  const enough = asked.sort((a, b) => a - b)[4]!
  const results = judgeSamples({ population, skill: worse, gate, rows: enough, samples: 200 })
  expect(share(results, 'PASS')).toBe(0)
  expect(share(results, 'FAIL')).toBeGreaterThanOrEqual(0.95)
})
