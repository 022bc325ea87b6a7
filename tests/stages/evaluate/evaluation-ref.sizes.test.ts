// What travels of an evaluation: all of a small one, what matters most of a large one.
import { expect, test } from 'vitest'
import type { Evaluation, GateResult, Verdict } from '../../../schemas/verdict.ts'
import { evaluationRef } from '../../../stages/evaluate/evaluation-ref.ts'
import { anObject } from '../../workflows/builders.ts'

const object = anObject('evaluation')
const result = (name: string, verdict: Verdict = 'PASS', rows = 40): GateResult => ({
  gate: { gate: 'atLeast', metric: 'accuracy', value: 0.9, within: 'city' },
  name,
  verdict,
  estimate: 0.9,
  interval: [0.8, 0.95],
  alpha: 0.05,
  rows,
  slice: name,
  why: 'w'.repeat(200),
})
const evaluation = (gates: readonly GateResult[]) =>
  ({
    candidate: 'c',
    champion: null,
    verdict: 'FAIL',
    metrics: { accuracy: 0.9 },
    championMetrics: null,
    gates,
  }) as unknown as Evaluation

test('a small one is told in its order', () => {
  const ref = evaluationRef(object, evaluation([result('a'), result('b', 'FAIL')]))
  expect(ref.gates.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(ref).not.toHaveProperty('moreGates')
})

test('of ten thousand values the worst are told', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => result(`city = ${'ü'.repeat(500)}${i}`))
  const ref = evaluationRef(
    object,
    evaluation([...many, result('small', 'INCONCLUSIVE', 3), result('later', 'INCONCLUSIVE'), result('last', 'FAIL')]),
  )
  expect(ref.gates.slice(0, 3).map(({ name }) => name)).toEqual(['last', 'later', 'small'])
  expect(ref.gates.length + ref.moreGates!).toBe(10_003)
  expect(Buffer.byteLength(JSON.stringify(ref))).toBeLessThan(100_000)
})
