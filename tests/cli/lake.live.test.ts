// The verbs about the lake on real servers: rejects, compact, export, and a worker that keeps persons out of it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { openOtherReaders } from '../lake/other-readers.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { personEvents, personPipeline } from './persons.ts'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

const SECRET = 'personal-key-of-this-live-test-0123456789'
const PLANTED = ['Plantagenet', 'Aquitaine']
let project: TemporaryProject
let env: Record<string, string>
let worker: LiveWorker | undefined
const log: string[] = []

beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  env = { ...project.env, SLUICE_PERSONAL_KEY: SECRET, SLUICE_SEGMENT_COMPRESSION: 'zstd', SLUICE_MAX_RANGE_ROWS: '50' }
  const folder = join(project.directory, 'pipelines', 'persons')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pipeline.ts'), personPipeline(`persons-${project.env.SLUICE_S3_BUCKET}`))
})
afterAll(async () => {
  await worker?.stop()
  project.remove()
})

async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr, answer } = await sluiceJson(argv, env)
  log.push(stderr, stdout)
  return answer
}

const openStore = () => openS3Store(loadConfig(env).endpoints!.s3)

async function everyObject(): Promise<Map<string, Uint8Array>> {
  const store = openStore()
  const objects = new Map<string, Uint8Array>()
  for await (const key of store.list('')) objects.set(key, (await store.get(key))!)
  store.close()
  return objects
}

async function everyHistory(): Promise<string[]> {
  const { address, namespace } = loadConfig(env).endpoints!.temporal
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, namespace })
  const histories: string[] = []
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    // payloads as text, not as lists of bytes
    histories.push(
      JSON.stringify(events, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ),
    )
  }
  await connection.close()
  return histories
}

test('a run with persons, from rejects to export', { timeout: 240_000 }, async () => {
  await json('apply', 'persons', '--partitions', '1')
  const file = join(project.directory, 'persons.ndjson')
  writeFileSync(file, personEvents(600, PLANTED))
  await json('send', 'persons', '--file', file)
  worker = spawnWorker(env)
  await worker.ready
  const first = await json('run', 'persons')
  expect(first).toMatchObject({ dataset: { accounting: { in: 602, clean: 600, rejected: 2 } } })

  const rejects = await json('rejects', 'persons')
  expect(rejects).toMatchObject({ total: 2, samples: [{ value: {} }, { value: {} }] })
  expect(await json('rejects', 'replay', 'persons')).toMatchObject({ tried: 2, decoded: 0, version: null })

  expect(await json('compact', 'persons')).toMatchObject({ before: 13, after: 1, versions: [2] })
  expect(await json('compact', 'persons')).toMatchObject({ before: 1, versions: [] })
  const second = await json('run', 'persons')
  expect((second.dataset as { digest: string }).digest).toBe((first.dataset as { digest: string }).digest)
  expect(second).toMatchObject({ ingested: [] })
  // all of it is young: counted nowhere, deleted never
  const nothing = { kinds: [], objects: 0, bytes: 0, uploads: 0 }
  expect(await json('collect', 'persons', '--older-than', '1h')).toMatchObject({ deleted: false, ...nothing })
  expect(await json('collect', 'persons', '--delete')).toMatchObject({ deleted: true, ...nothing })
  expect((await sluice(['verify', 'persons'], env)).code).toBe(0)

  const folder = join(project.directory, 'warehouse')
  expect(await json('export', 'persons', '--parquet', folder)).toMatchObject({ rows: 600 })
  expect(await json('export', 'persons', '--raw', '--parquet', folder)).toMatchObject({ files: 1, rows: 600 })
  expect(readdirSync(folder).toSorted()).toEqual(['raw', 'test', 'train', 'validate'])
  await readByOthers(join(folder, 'raw'))
  const bucket = project.env.SLUICE_S3_BUCKET
  const split = await json('export', 'persons', '--split', 'test', '--parquet', `s3://${bucket}/warehouse`)
  expect(split).toMatchObject({ files: 1 })

  const objects = await everyObject()
  expect([...objects.keys()].filter((key) => key.startsWith('warehouse/test/00000-'))).toHaveLength(1)
  const histories = await everyHistory()
  expect(histories.join('')).toContain('persons')
  for (const planted of [...PLANTED, SECRET]) {
    const leaks = [...objects].filter(([key, bytes]) => Buffer.concat([Buffer.from(key), bytes]).includes(planted))
    expect(leaks.map(([key]) => key)).toEqual([])
    expect(histories.filter((history) => history.includes(planted))).toEqual([])
    expect([...log, ...worker!.log].filter((line) => line.includes(planted))).toEqual([])
  }
})

async function readByOthers(folder: string): Promise<void> {
  const read = await openOtherReaders()
  if (read === null) return
  const [name] = readdirSync(folder)
  const { pyarrow, types } = await read(readFileSync(join(folder, name!)), 'parquet')
  expect(types).toMatchObject({
    id: 'string',
    email: 'string',
    age: 'double',
    _offset: 'int64',
    _timestamp: 'timestamp[ms, tz=UTC]',
  })
  expect(pyarrow).toHaveLength(600)
  expect(pyarrow.every(([id, email]) => /^[0-9a-f]{64}$/.test(String(id)) && email === '***')).toBe(true)
}
