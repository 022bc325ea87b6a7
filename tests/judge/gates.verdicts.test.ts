// The three verdicts, the cases without statistics, and what an approver reads.
import { describe, expect, test } from 'vitest'
import type { Answers } from '../../judge/estimator.ts'
import { judgeGate } from '../../judge/gates.ts'
import type { GateSpec } from '../../schemas/plan.ts'

const OPTIONS = { alpha: 0.05, seed: 1 }

/** `right` of `rows` rows answered right, with some confidence. */
function flags(rows: number, right: number, confidence = 0.9): Answers {
  const labels = Float32Array.from({ length: rows }, (_, row) => row % 2)
  const outputs = labels.map((label, row) => (row < right === (label === 1) ? confidence : 1 - confidence))
  return { predict: { task: 'probability', column: 'y' }, rows, outputs, labels }
}

const atLeast = (value: number, more: object = {}): GateSpec => ({
  gate: 'atLeast',
  metric: 'accuracy',
  value,
  ...more,
})

describe('a limit', () => {
  test('passes when the whole interval is good', () => {
    const result = judgeGate({ gate: atLeast(0.9), candidate: flags(1000, 950), champion: null }, OPTIONS)
    expect(result).toMatchObject({ verdict: 'PASS', estimate: 0.95, rows: 1000, alpha: 0.05, name: 'accuracy ≥ 0.9' })
    expect(result.interval[0]).toBeGreaterThan(0.9)
    expect(result.why).toBe('accuracy is 0.95, between 0.9346 and 0.9627: all of it within the limit')
  })

  test('fails when the whole interval is bad', () => {
    expect(judgeGate({ gate: atLeast(0.97), candidate: flags(1000, 950), champion: null }, OPTIONS).verdict).toBe(
      'FAIL',
    )
  })

  test('is inconclusive between, with rows needed', () => {
    const result = judgeGate({ gate: atLeast(0.94), candidate: flags(1000, 950), champion: null }, OPTIONS)
    expect(result.verdict).toBe('INCONCLUSIVE')
    expect(result.rowsNeeded).toBeGreaterThan(4_000)
    expect(result.why).toMatch(/on both sides of the limit with 1,000 rows; about [\d,]+ rows would decide/)
  })

  test('ten perfect rows prove little', () => {
    const result = judgeGate({ gate: atLeast(0.9), candidate: flags(10, 10), champion: null }, OPTIONS)
    expect(result).toMatchObject({ verdict: 'INCONCLUSIVE', estimate: 1 })
  })

  test('perfect ranking of forty rows proves little', () => {
    const gate: GateSpec = { gate: 'atLeast', metric: 'auc', value: 0.99 }
    expect(judgeGate({ gate, candidate: flags(40, 40), champion: null }, OPTIONS)).toMatchObject({
      verdict: 'INCONCLUSIVE',
      estimate: 1,
    })
  })

  test('a low loss passes atMost', () => {
    const gate: GateSpec = { gate: 'atMost', metric: 'loss', value: 0.3 }
    expect(judgeGate({ gate, candidate: flags(1000, 990), champion: null }, OPTIONS).verdict).toBe('PASS')
    expect(judgeGate({ gate, candidate: flags(1000, 700), champion: null }, OPTIONS).verdict).toBe('FAIL')
  })
})

describe('the champion', () => {
  const gate: GateSpec = { gate: 'notWorse', metric: 'accuracy', by: 0.02 }

  test('nothing live passes', () => {
    expect(judgeGate({ gate, candidate: flags(5, 0), champion: null }, OPTIONS)).toMatchObject({
      verdict: 'PASS',
      why: 'no champion yet: there is nothing to compare with',
    })
  })

  test('identical outputs pass on any rows', () => {
    const same = flags(3, 2)
    expect(judgeGate({ gate, candidate: same, champion: flags(3, 2) }, OPTIONS)).toMatchObject({
      verdict: 'PASS',
      estimate: 0,
      interval: [0, 0],
    })
  })

  test('equal hits on few rows prove little', () => {
    const result = judgeGate({ gate, candidate: flags(50, 50, 0.9), champion: flags(50, 50, 0.8) }, OPTIONS)
    expect(result).toMatchObject({ verdict: 'INCONCLUSIVE', estimate: 0, champion: 1 })
  })

  test('equal hits on many rows pass', () => {
    const result = judgeGate({ gate, candidate: flags(500, 500, 0.9), champion: flags(500, 500, 0.8) }, OPTIONS)
    expect(result.verdict).toBe('PASS')
  })

  test('a clear regression fails', () => {
    const result = judgeGate({ gate, candidate: flags(1000, 880), champion: flags(1000, 950) }, OPTIONS)
    expect(result).toMatchObject({ verdict: 'FAIL', champion: 0.95 })
    expect(result.estimate).toBeCloseTo(-0.07, 12)
  })

  test('worse means higher for a loss', () => {
    const loss: GateSpec = { gate: 'notWorse', metric: 'loss', by: 0.02 }
    const [good, bad] = [flags(1000, 950), flags(1000, 880)]
    expect(judgeGate({ gate: loss, candidate: bad, champion: good }, OPTIONS).verdict).toBe('FAIL')
    expect(judgeGate({ gate: loss, candidate: good, champion: bad }, OPTIONS).verdict).toBe('PASS')
  })
})

describe('rows', () => {
  test('fewer than minRows are reported', () => {
    const gate = atLeast(0.5, { within: 'country', minRows: 100 })
    const result = judgeGate({ gate, candidate: flags(99, 99), champion: null, slice: 'DE' }, OPTIONS)
    expect(result).toMatchObject({
      verdict: 'INCONCLUSIVE',
      slice: 'DE',
      name: 'accuracy ≥ 0.5 where country = DE',
      why: '99 rows, and at least 100 are needed to judge',
    })
    expect(result.rowsNeeded).toBeGreaterThanOrEqual(100)
  })

  test('one class has no ranking to judge', () => {
    const candidate = { ...flags(60, 60), labels: new Float32Array(60) }
    const gate: GateSpec = { gate: 'atLeast', metric: 'auc', value: 0.5 }
    expect(judgeGate({ gate, candidate, champion: null }, OPTIONS)).toMatchObject({
      verdict: 'INCONCLUSIVE',
      why: 'auc is not defined for these 60 rows',
    })
  })
})
