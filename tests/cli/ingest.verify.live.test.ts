// sluice ingest and verify on real servers: without a worker, with one, with a loss, with damage.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openS3Store } from '../../lake/store/s3.ts'
import { connectKafka, deleteBefore } from '../stream/live-kafka.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let worker: LiveWorker | undefined
beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
})
afterAll(async () => {
  await worker?.stop()
  project.remove()
})

const json = (...argv: string[]) => sluiceJson(argv, project.env)

async function send(count: number): Promise<void> {
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(count))
  await json('send', 'pears', '--file', file)
}

async function loseOffsets(topic: string): Promise<{ partition: number; start: number; end: number }> {
  const kafka = await connectKafka(inject('endpoints').kafka.brokers)
  try {
    const before = await kafka.admin.fetchTopicOffsets(topic)
    await send(60)
    const after = await kafka.admin.fetchTopicOffsets(topic)
    const offset = (list: typeof before) => Number(list.find(({ partition }) => partition === 0)!.offset)
    const [start, end] = [offset(before), offset(after)]
    expect(end).toBeGreaterThan(start)
    await deleteBefore(kafka.admin, topic, 0, end)
    return { partition: 0, start, end }
  } finally {
    await kafka.close()
  }
}

test('ingest and verify, a loss included', { timeout: 180_000 }, async () => {
  const { topic } = (await json('apply', 'pears')).answer as { topic: { topic: string; name?: string } }
  const name = topic.topic ?? topic.name
  await send(90)
  worker = spawnWorker(project.env, ['--queues', 'main'])
  await worker.ready
  expect(await json('ingest', 'pears')).toMatchObject({ code: 0, answer: { rows: 90, rejects: 1 } })
  expect(await json('ingest', 'pears')).toMatchObject({ code: 0, answer: { rows: 0, ranges: [] } })
  const sound = await json('verify', 'pears')
  expect(sound).toMatchObject({ code: 0, answer: { ok: true, problems: [], source: { offsets: 91, rows: 90 } } })
  expect(sound.answer.megabytesPerSecond).toBeGreaterThan(0)

  const { start, end } = await loseOffsets(name!)
  const loss = `${name}/0/${start}-${end}`
  const refused = await json('ingest', 'pears')
  expect(refused).toMatchObject({ code: 1, answer: { error: { code: 'OFFSETS_LOST' } } })
  expect((refused.answer.error as { next: string }).next).toContain(`--accept-loss ${loss}`)
  const wrong = await json('ingest', 'pears', '--accept-loss', `${name}/0/${start}-${end + 1}`, '--reason', 'a test')
  expect(wrong).toMatchObject({ code: 1, answer: { error: { code: 'LOSS_NOT_FOUND' } } })
  const accepted = await json('ingest', 'pears', '--accept-loss', loss, '--reason', 'a test', '--by', 'maria')
  expect(accepted.code, accepted.stderr).toBe(0)
  const { answer } = await json('verify', 'pears')
  expect(answer).toMatchObject({ ok: true, source: { holes: { lost: end - start } } })

  const { source } = answer as { source: { source: string } }
  expect((await sluice(['verify', source.source], project.env)).stdout).toContain('everything is as it was written')
  await damage(source.source)
})

/** Deletes a segment; verify names it and the entry that refers to it. */
async function damage(sourceId: string): Promise<void> {
  const store = openS3Store({ ...inject('endpoints').s3, bucket: project.env.SLUICE_S3_BUCKET! })
  const keys: string[] = []
  for await (const key of store.list(`segments/${sourceId}/`)) keys.push(key)
  await store.delete(keys[0]!)
  store.close()
  const { code, stdout } = await sluice(['verify', 'pears'], project.env)
  expect(code).toBe(1)
  expect(stdout).toContain(`object ${keys[0]}, referred to by sources/${sourceId}/snapshots/`)
}

test.each([
  [['--accept-loss', 'pears/0/1-2'], 'needs --reason'],
  [['--accept-loss', 'pears/0/2-1', '--reason', 'x'], 'expected topic/partition/start-end'],
  [['--reason', 'x'], 'belongs to --accept-loss'],
])('a wrong command line: %j', async (options, message) => {
  const { code, stderr } = await sluice(['ingest', 'pears', ...options], project.env)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
})

test('verify knows neither pipeline nor source', async () => {
  const bucketless = await json('verify', 'plums')
  expect(bucketless.answer).toMatchObject({ error: { code: 'PIPELINE_UNKNOWN' } })
})
