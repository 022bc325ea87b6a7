// The job that a trainer reads from stdin: what is accepted, and what is said about the rest.
import { expect, test } from 'vitest'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { parseTrainerJob } from '../../schemas/trainer.ts'
import { small } from '../fixtures/pipelines/definitions.ts'

const plan = resolvePipeline(small)
const digest = 'a'.repeat(64)

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

test.each<[string, unknown, string]>([
  ['an unknown field', { ...plan, extra: 7 }, 'plan.extra: expected no field of that name, found 7'],
  ['a wrong number', { ...plan, alpha: 7 }, 'plan.alpha: expected a finite number > 0 and ≤ 0.5, found 7'],
  ['a wrong type', { ...plan, rules: {} }, 'plan.rules: expected a list, found {}'],
  ['no name', { ...plan, name: undefined }, 'plan.name: expected a kebab-case name of at most 63 characters, found no'],
  [
    'an unknown gate',
    { ...plan, gates: [{ gate: 'atLeest' }] },
    'plan.gates[0].gate: expected one of atLeast, atMost, notWorse, found "atLeest"',
  ],
  [
    'an unknown kind',
    { ...plan, columns: [{ name: 'a', kind: 'date' }] },
    'plan.columns[0].kind: expected one of id, time, category, number, flag, numbers, text, found "date"',
  ],
  ['a fingerprint that is none', { ...plan, fingerprint: 'ABC' }, 'plan.fingerprint: expected a sha256, found "ABC"'],
  ['nothing', null, 'plan: expected an object, found null'],
])('a plan with %s is refused', (_what, json, message) => {
  expect(() => parseTrainerJob({ ...jobs[1], plan: json })).toThrow(`trainer job, ${message}`)
})

test('a trainer job without its dataset is refused', () => {
  expect(() => parseTrainerJob({ ...jobs[1], dataset: undefined })).toThrow('trainer job, dataset: expected an object')
})

test('an unknown job is refused', () => {
  expect(() => parseTrainerJob({ job: 'serve' })).toThrow('trainer job, job: expected one of train, evaluate')
})

test('what is no job is refused', () => {
  expect(() => parseTrainerJob('train')).toThrow('trainer job, input: expected an object, found "train"')
})

test('a newer reference is kept whole', () => {
  const newer = { ...dataset, accounting: { ...accounting, late: 3 }, written: 'by a newer version' }
  const read = parseTrainerJob({ ...jobs[1], dataset: newer })
  expect('dataset' in read && read.dataset).toStrictEqual(newer)
})
