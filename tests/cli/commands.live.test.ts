// The verbs in the order of a first day, on real servers: apply, send, run, approve, models, predict.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { RetrainResult } from '../../schemas/run.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

const EVENTS = 2_000
let project: TemporaryProject
let worker: LiveWorker | undefined

beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
})
afterAll(async () => {
  project.remove()
  if (worker !== undefined) expect(await worker.stop(), worker.log.join('')).toEqual([0, null])
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)

test('a first day from apply to predict', { timeout: 180_000 }, async () => {
  expect((await json('apply', 'pears')).answer).toMatchObject({ topic: { outcome: 'created' }, triggers: 0 })
  expect((await json('apply', 'pears')).answer).toMatchObject({ topic: { outcome: 'exists' } })

  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(EVENTS))
  expect((await json('send', 'pears', '--file', file)).answer).toMatchObject({ sent: EVENTS + 1 })

  const early = await json('approve', 'pears')
  expect([early.code, early.answer]).toMatchObject([4, { error: { code: 'NOTHING_TO_DECIDE' } }])
  expect(await json('predict', 'pears')).toMatchObject({ code: 4, answer: { error: { code: 'NO_CHAMPION' } } })

  worker = spawnWorker(project.env)
  await worker.ready
  const run = await json('run', 'pears')
  const result = run.answer as unknown as RetrainResult
  expect(run.code, run.stderr).toBe(0)
  expect(result.outcome).toBe('waiting for approval')
  expect(result.dataset!.accounting).toMatchObject({ in: EVENTS + 1, clean: EVENTS, rejected: 1, duplicates: 0 })
  for (const stage of ['ingest', 'clean', 'train', 'evaluate', 'promote']) expect(run.stderr).toContain(`  ${stage} `)

  const candidate = result.candidate!.digest
  // the question opens in a workflow of its own, a moment after the run's end
  await expect
    .poll(async () => (await json('models', 'pears')).answer.open, { timeout: 15_000 })
    .toEqual({ [candidate]: `promote/pears/${candidate}` })
  expect((await sluice([], project.env)).stdout).toContain('sluice approve pears')
  const wrong = await json('approve', 'pears', '--digest', 'f'.repeat(12))
  expect([wrong.code, wrong.answer]).toMatchObject([3, { error: { code: 'DECISION_REFUSED' } }])
  const approved = await json('approve', 'pears', '--reason', 'sweet', '--by', 'ada')
  expect(approved).toMatchObject({ code: 0, answer: { state: 'approved', by: 'ada', via: 'update', candidate } })

  expect((await json('models', 'pears')).answer).toMatchObject({ champion: candidate, open: {} })
  expect((await json('models', 'pears', '--at', '2020-01-01T00:00:00Z')).answer).toMatchObject({ champion: null })
  const ripe = await json('predict', 'pears', '--row', '{"softness": 0.9, "yellow": 0.9}')
  expect(ripe.answer).toMatchObject({ model: candidate, prediction: { value: true } })
  const refused = await json('predict', 'pears', '--row', '{"softness": 9, "yellow": 0.9}')
  expect(refused).toMatchObject({
    code: 3,
    answer: { error: { code: 'REQUEST_INVALID', facts: { field: 'softness' } } },
  })
  for (const [row, field] of [
    ['{"instances": [{"softness": 0.9, "yellow": 0.9}]}', 'row'],
    ['{"rows": [{"softness": 0.9, "yellow": 0.9}]}', 'row'],
    ['{"colour": 1}', 'row'],
    ['{}', 'row'],
    ['{"softnes": 0.9, "yellow": 0.9}', 'softnes'],
    ['{"softness": 9007199254740993}', 'softness'],
  ] as const) {
    const { code, answer } = await json('predict', 'pears', '--row', row)
    expect([code, answer], row).toMatchObject([3, { error: { code: 'REQUEST_INVALID', facts: { field } } }])
  }
  const { stdout } = await sluice(
    ['predict', 'pears', '--row', '{"softness":0.5,"yellow":1,"id":9007199254740993}', '--json'],
    project.env,
  )
  expect(stdout).toContain('"row":{"softness":0.5,"yellow":1,"id":9007199254740993}')

  const again = await json('run', 'pears')
  expect(again.answer).toMatchObject({ outcome: 'nothing new', ingested: [] })
  const { stages } = again.answer as unknown as RetrainResult
  expect(stages.every(({ reused }) => reused)).toBe(true)
  expect((await json('status')).answer).toMatchObject({ ready: true, worker: true })
})
