// JSON from outside: what is accepted, and what is said about the rest.
import { expect, test } from 'vitest'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { parseDecideInput, parsePlan, parseTrainerJob } from '../../schemas/parse.ts'
import { small } from '../fixtures/pipelines/definitions.ts'

const plan = resolvePipeline(small)
const digest = 'a'.repeat(64)

test.each<[string, unknown, string]>([
  ['an unknown field', { ...plan, extra: 7 }, 'churn, extra: expected no field of that name, found 7'],
  ['a wrong number', { ...plan, alpha: 7 }, 'churn, alpha: expected at most 0.5, found 7'],
  ['a wrong type', { ...plan, rules: {} }, 'churn, rules: expected an array, found {}'],
  ['no name', { ...plan, name: undefined }, 'without a name, name: expected a string, found nothing'],
  [
    'an unknown gate',
    { ...plan, gates: [{ gate: 'atLeest' }] },
    'gates.0.gate: expected one of atLeast, atMost, notWorse',
  ],
  ['an unknown kind', { ...plan, columns: [{ name: 'a', kind: 'date' }] }, 'columns.0.kind: expected one of id, time'],
  ['a fingerprint that is none', { ...plan, fingerprint: 'ABC' }, 'fingerprint: expected 64 lower-case hex digits'],
  ['nothing', null, 'without a name, input: expected an object, found null'],
])('a plan with %s is refused', (_what, json, message) => {
  expect(() => parsePlan(json)).toThrow(message)
})

test('a decision is read', () => {
  const input = { decision: 'reject', candidateDigest: digest, reason: 'too slow', by: 'Ada' } as const
  expect(parseDecideInput(input)).toStrictEqual(input)
  expect(parseDecideInput({ decision: 'approve', candidateDigest: digest })).not.toHaveProperty('reason')
})

test.each<[unknown, string]>([
  [{ decision: 'yes', candidateDigest: digest }, 'decision: expected one of approve, reject, found "yes"'],
  [{ decision: 'approve' }, 'candidateDigest: expected a string, found nothing'],
  [{ decision: 'approve', candidateDigest: 'abc' }, 'candidateDigest: expected 64 lower-case hex digits, found "abc"'],
  [{ decision: 'approve', candidateDigest: digest, force: true }, 'force: expected no field of that name, found true'],
  ['approve', 'input: expected an object, found "approve"'],
])('%j is no decision', (json, message) => {
  expect(() => parseDecideInput(json)).toThrow(message)
})

const object = { key: 'datasets/aa/a.json', sha256: digest, bytes: 10 }
const split = { train: 6, validate: 2, test: 2 }
const accounting = { in: 12, clean: 10, rejected: 1, duplicates: 1, rejectedBy: { decode: 1 }, failures: {}, split }
const dataset = { ...object, digest, accounting }
const jobs = [
  { job: 'train', plan, dataset, inputs: digest, code: 'c0de', start: { digest, key: 'k' }, backend: 'cpu' },
  { job: 'train', plan, dataset, inputs: digest, code: 'c0de' },
  {
    job: 'evaluate',
    plan,
    dataset,
    model: { ...object, digest, pipeline: 'churn', dataset: digest, validationLoss: 0.1, epochs: 2 },
    champion: null,
  },
]

test.each(jobs)('trainer job %# is read', (job) => {
  expect(parseTrainerJob(JSON.parse(JSON.stringify(job)))).toStrictEqual(job)
})

test('a trainer job without its dataset is refused', () => {
  expect(() => parseTrainerJob({ ...jobs[1], dataset: undefined })).toThrow('trainer job, dataset: expected an object')
})

test('an unknown job is refused', () => {
  expect(() => parseTrainerJob({ job: 'serve' })).toThrow('trainer job, job: expected one of train, evaluate')
})
