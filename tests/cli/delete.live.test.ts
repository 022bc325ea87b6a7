// A pipeline ends on real servers: its file is removed, what is left stays visible, then it is deleted, and then its data.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openTemporal } from '../../cli/temporal-connection.ts'
import { loadConfig } from '../../core/config.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { currentDetails } from '../workflows/verbs.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let worker: LiveWorker
let store: S3Store
beforeAll(async () => {
  const endpoints = inject('endpoints')
  project = await temporaryProject(endpoints)
  store = openS3Store({ ...endpoints.s3, bucket: project.env.SLUICE_S3_BUCKET! })
  worker = spawnWorker(project.env)
  await worker.ready
})
afterAll(async () => {
  store.close()
  project.remove()
  await worker.stop()
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)
const text = async (...argv: string[]) => (await sluice(argv, project.env)).stdout

async function kinds(): Promise<string[]> {
  const found = new Set<string>()
  for await (const key of store.list('')) found.add(key.replace(/\/.*/, ''))
  return [...found].sort()
}

test('a pipeline ends', { timeout: 240_000 }, async () => {
  const file = join(project.directory, 'pipelines', 'pears', 'pipeline.ts')
  const definition = readFileSync(file, 'utf8')
    .replace('retrain: []', 'retrain: [when.rows(1_000_000)]')
    .replace('split } from', 'split, when } from')
  writeFileSync(file, definition)
  await json('apply', 'pears')
  const events = join(project.directory, 'pears.ndjson')
  writeFileSync(events, pearEvents(600))
  await json('send', 'pears', '--file', events)
  const { candidate, promotion } = (await json('run', 'pears')).answer as unknown as RetrainResult
  const digest = candidate!.digest
  const short = digest.slice(0, 12)

  // what is left of a pipeline whose file is gone stays visible
  rmSync(file)
  const status = await json('status')
  expect(status.answer).toMatchObject({
    pipelines: [],
    strays: [{ pipeline: 'pears', waiting: [{ candidate: digest, question: { state: 'running' } }] }],
  })
  expect(status.stderr).toContain('pears has no file in this project')
  expect(status.stderr).toContain('still started by pears/rows-0')
  expect(await text('models', 'pears')).toContain(`waits for approval: ${digest}`)

  // it is listed before it is done, and a script has to say that it means it
  const asked = await json('delete', 'pears', '--reason', 'nobody asks it')
  expect(asked).toMatchObject({ code: 3, answer: { deleted: false, schedules: ['pears/rows-0'], questions: [digest] } })
  expect(asked.stderr).toContain(`the question about ${short}: closed as withdrawn, with your reason`)
  expect(asked.stderr).toContain('`--yes` deletes it')
  expect((await sluice(['delete', 'pears', '--yes'], project.env)).code).toBe(2)

  const deleted = await json('delete', 'pears', '--yes', '--reason', 'nobody asks it', '--by', 'ada')
  expect(deleted, deleted.stderr).toMatchObject({ code: 0, answer: { deleted: true } })
  const { client, close } = await openTemporal(loadConfig(project.env).endpoints!.temporal)
  const question = client.workflow.getHandle(promotion!)
  await expect
    .poll(() => currentDetails(question))
    .toContain('## withdrawn: the pipeline was deleted by ada: nobody asks it')
  expect((await question.describe()).status.name).toBe('CANCELLED')
  await close()
  await expect.poll(async () => (await json('status')).answer.strays, { timeout: 10_000 }).toBeUndefined()
  const { answer } = await json('models', 'pears')
  expect(answer).toMatchObject({ open: {}, history: [{}, { change: { kind: 'withdrawn' } }] })

  // again, with its data
  expect(await kinds()).toEqual(expect.arrayContaining(['segments', 'sources', 'stages', 'weights']))
  const erased = await json('delete', 'pears', '--data', '--yes', '--reason', 'request 4711', '--by', 'ada')
  expect(erased, erased.stderr).toMatchObject({ code: 0, answer: { deleted: true, data: { shared: [] } } })
  expect(erased.stderr).toMatch(/events of the source: segments and rejects: \d+ objects/)
  expect(await kinds()).toEqual(['evaluations', 'models'])
  expect((await json('models', 'pears')).answer).toMatchObject({
    champion: null,
    history: [{}, {}, { change: { kind: 'retired', by: 'ada', reason: 'request 4711' } }],
  })
  writeFileSync(file, definition)
  expect((await json('verify', 'pears')).answer).toMatchObject({ ok: true })
  const unknown = await json('delete', 'apples', '--yes', '--reason', 'x')
  expect(unknown).toMatchObject({ code: 2, answer: { error: { code: 'PIPELINE_UNKNOWN' } } })
})

test('a run under way is not cut off', async () => {
  const { client, close } = await openTemporal(loadConfig(project.env).endpoints!.temporal)
  const options = { workflowId: 'retrain/pears', taskQueue: 'nobody-works-here', args: [] }
  const handle = await client.workflow.start('retrain', options)
  await expect
    .poll(async () => (await json('delete', 'pears', '--yes', '--reason', 'x')).answer, { timeout: 10_000 })
    .toMatchObject({ error: { code: 'PIPELINE_BUSY', facts: { workflows: 'retrain/pears' } } })
  await handle.terminate()
  await close()
})
