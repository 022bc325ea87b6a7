// A candidate waits in the ledger and no workflow asks any more: the commands say so, ask again and decide.
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import { storeCandidate } from '../stages/promote/stored-candidate.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let store: S3Store
let worker: LiveWorker
beforeAll(async () => {
  const endpoints = inject('endpoints')
  project = await temporaryProject(endpoints)
  store = openS3Store({ ...endpoints.s3, bucket: project.env.SLUICE_S3_BUCKET! })
  await store.ensureBucket()
  worker = spawnWorker(project.env)
  await worker.ready
})
afterAll(async () => {
  store.close()
  project.remove()
  await worker.stop()
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)

test('an abandoned question is named, asked again and answered', { timeout: 120_000 }, async () => {
  const { candidate, workflowId } = await storeCandidate(store, { pipeline: 'pears' })
  const status = await json('status')
  expect(status.answer.pipelines).toMatchObject([
    { waiting: [{ candidate, question: { state: 'unknown' } }], temporal: { workflows: [], schedules: [] } },
  ])
  expect((await sluice(['status'], project.env)).stdout).toContain('nobody asks it')
  expect((await json('models', 'pears')).answer).toMatchObject({ questions: { [candidate]: { workflowId } } })
  expect((await sluice(['models', 'pears'], project.env)).stdout).toContain('not in Temporal any more')

  const approved = await json('approve', 'pears', '--by', 'ada')
  expect(approved).toMatchObject({ code: 0, answer: { state: 'approved', by: 'ada', via: 'update' } })
  expect(approved.stderr).toContain('asked again')
  expect((await json('models', 'pears')).answer).toMatchObject({ champion: candidate, open: {}, questions: {} })
  expect((await json('reject', 'pears', '--reason', 'late')).answer).toMatchObject({
    error: { code: 'NOTHING_TO_DECIDE' },
  })
})

test('a decision for later asks again too', { timeout: 120_000 }, async () => {
  const { candidate } = await storeCandidate(store, { pipeline: 'pears', name: 'second' })
  const sent = await json('reject', 'pears', '--reason', 'no', '--later')
  expect(sent).toMatchObject({ code: 0, answer: { state: 'sent' } })
  await expect
    .poll(async () => (await json('models', 'pears')).answer, { timeout: 20_000, interval: 500 })
    .toMatchObject({
      open: {},
      history: expect.arrayContaining([
        expect.objectContaining({ change: expect.objectContaining({ kind: 'rejected', model: candidate }) }),
      ]),
    })
})
