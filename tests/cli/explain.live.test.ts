// The verbs that look back, after real runs: why, diff, lineage, rows and reproduce, each against what the run itself said.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { spawnCommand } from './live-command.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { PLUMS, plumEvents, plumPipeline } from './plums.ts'
import { sluice, sluiceJson } from './streams.ts'
import { type TemporaryProject, temporaryProject } from './temporary-project.ts'

let project: TemporaryProject
let worker: LiveWorker | undefined
/** digests of the models of both runs */
let models: string[] = []

beforeAll(async () => {
  project = await temporaryProject(inject('endpoints'))
  mkdirSync(join(project.directory, 'pipelines', 'plums'), { recursive: true })
  writePipeline(0.01)
  await inProcess('apply', 'plums', '--partitions', '1')
  await send(plumEvents())
  worker = spawnWorker(project.env)
  await worker.ready
  models = [await run()]
  writePipeline(0.02)
  models.push(await run())
}, 240_000)
afterAll(async () => {
  await worker?.stop()
  project?.remove()
})

const inProcess = async (...argv: string[]) => (await sluiceJson(argv, project.env)).answer as never

/** In a process of its own: a file that changed is read anew. */
async function apart(...argv: string[]): Promise<{ code: number | null; text: string }> {
  const command = spawnCommand(argv, project.env)
  const [code] = await command.ended
  return { code, text: command.text() }
}

function writePipeline(rate: number): void {
  const text = plumPipeline({ topic: `plums-${project.env.SLUICE_S3_BUCKET}`, rate })
  writeFileSync(join(project.directory, 'pipelines', 'plums', 'pipeline.ts'), text)
}

async function send(events: string): Promise<void> {
  const file = join(project.directory, 'plums.ndjson')
  writeFileSync(file, events)
  await inProcess('send', 'plums', '--file', file)
}

/** → digest of the model */
async function run(): Promise<string> {
  const { code, text } = await apart('run', 'plums')
  expect(code, text).toBe(0)
  const { runs } = (await inProcess('why', 'plums', '--list')) as { runs: { model: string }[] }
  return runs.at(-1)!.model
}

async function everyKey(): Promise<string[]> {
  const store = openS3Store(loadConfig(project.env).endpoints!.s3)
  const keys = await Array.fromAsync(store.list(''))
  store.close()
  return keys
}

test('why tells the words that differ', { timeout: 60_000 }, async () => {
  const { text } = await apart('why', 'plums')
  expect(text).toMatch(/train +done +recipe: train\.optimizer\.rate 0\.01 → 0\.02/)
  expect(text).toMatch(/clean +reused +as made 20/)
  expect(text).toContain('a run now would reuse everything')
})

test('why lists runs and finds them by number, model and champion', { timeout: 60_000 }, async () => {
  const { runs } = (await inProcess('why', 'plums', '--list')) as { runs: unknown[] }
  expect(runs).toMatchObject([
    { number: 1, made: ['clean', 'train', 'evaluate'], model: models[0], records: PLUMS + 2 },
    { number: 2, made: ['train', 'evaluate'], model: models[1] },
  ])
  expect(await inProcess('why', 'plums', models[0]!.slice(0, 8))).toMatchObject({ run: { number: 1 } })
  expect((await sluice(['why', 'plums', '9'], project.env)).code).toBe(2)
  expect((await sluice(['why', 'plums', 'champion'], project.env)).stderr).toContain('found no champion')
})

test('why knows the id of a run in Temporal', { timeout: 60_000 }, async () => {
  const { address, namespace } = loadConfig(project.env).endpoints!.temporal
  const connection = await Connection.connect({ address })
  const { runId } = await new Client({ connection, namespace }).workflow.getHandle('retrain/plums').describe()
  await connection.close()
  const { stdout } = await sluice(['why', 'plums', runId], project.env)
  expect(stdout).toContain(`run ${runId} in Temporal: COMPLETED`)
  expect(stdout).toContain('plums, run 2, ended')
  const forgotten = await sluice(['why', 'plums', '00000000-0000-4000-8000-000000000000'], project.env)
  expect(forgotten).toMatchObject({ code: 2 })
  expect(forgotten.stderr).toContain('a number from 1 to 2')
})

test('rows are shown with their reasons', { timeout: 60_000 }, async () => {
  const { stdout } = await sluice(['rows', 'plums', '--rejected'], project.env)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(await inProcess('rows', 'plums', '--quarantined')).toMatchObject({
    total: 2,
    rows: [
      {
        id: 'plum-1',
        offset: 1,
        rule: 'softness is a share',
        failed: [{ column: 'softness', expected: 'between 0 and 1', found: '8' }],
      },
      { id: 'plum-2', fate: 'quarantined' },
    ],
  })
  const { rows } = (await inProcess('rows', 'plums', '--rejected')) as { rows: { fate: string }[] }
  expect(rows.map(({ fate }) => fate)).toEqual(['quarantined', 'quarantined', 'dropped', 'undecoded'])
  const sent = { id: 'plum-0', offset: PLUMS, fate: 'duplicate', first: { partition: 0, offset: 0 } }
  expect(await inProcess('rows', 'plums', '--duplicates')).toMatchObject({ total: 1, rows: [sent] })
  expect(await inProcess('rows', 'plums', '--id', 'plum-0')).toMatchObject({ rows: [{ fate: 'kept' }, sent] })
})

test('rows go out line by line, and wrong options say what is expected', { timeout: 60_000 }, async () => {
  const { stdout } = await sluice(
    ['rows', 'plums', '--rejected', '--rule', 'sugar is known', '--as', 'ndjson'],
    project.env,
  )
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([{ id: 'plum-3', row: { sugar: null } }])
  const none = await sluice(['rows', 'plums'], project.env)
  expect(none).toMatchObject({ code: 2 })
  expect(none.stderr).toContain('expected one of --quarantined')
  expect((await sluice(['rows', 'plums', '--quarantined', '--rule', 'sugar'], project.env)).stderr).toContain(
    'sugar is known',
  )
  const unknown = await sluice(['rows', 'plums', '--id', 'plum-x'], project.env)
  expect(unknown).toMatchObject({ code: 4 })
  expect(unknown.stderr).toContain('found none in 401 records')
})

test('lineage goes down to offsets and up to models', { timeout: 60_000 }, async () => {
  const { stdout } = await sluice(['lineage', 'plums', models[0]!.slice(0, 12)], project.env)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  const down = (await inProcess('lineage', 'plums', models[1]!)) as {
    partitions: object[]
    segments: { rows: number }[]
  }
  expect(down.partitions).toMatchObject([
    {
      partition: 0,
      start: 0,
      end: PLUMS + 2,
      rows: PLUMS + 1,
      rejects: 1,
      holes: 0,
      first: expect.stringContaining('20'),
    },
  ])
  expect(down.segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(PLUMS + 1)

  const up = (await inProcess('lineage', 'plums', '--row', 'plum-0')) as { datasets: object[] }
  expect(up.datasets).toMatchObject([
    {
      rows: [{ fate: 'kept', split: 'test' }, { fate: 'duplicate' }],
      models: [{ model: models[0] }, { model: models[1], service: [] }],
    },
  ])
  expect(await inProcess('lineage', 'plums', 'plum-1')).toMatchObject({
    datasets: [{ rows: [{ fate: 'quarantined', rule: 'softness is a share' }] }],
  })
})

test('diff tells what two runs were made from', { timeout: 60_000 }, async () => {
  const { stdout } = await sluice(['diff', 'plums'], project.env)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(await inProcess('diff', 'plums', '1', models[1]!)).toMatchObject({
    a: { run: { number: 1 }, accounting: { in: PLUMS + 2 } },
    b: { run: { number: 2 }, evaluation: { verdict: 'PASS' } },
    data: [],
    stages: [
      { stage: 'clean', recipe: [], code: [] },
      { stage: 'train', recipe: ['train.optimizer.rate 0.01 → 0.02'], code: [] },
      { stage: 'evaluate', recipe: [], code: [] },
    ],
  })
  expect((await sluice(['diff', 'plums', '1', '1'], project.env)).code).toBe(2)
})

test('a model is made again, from Kafka to its evaluation', { timeout: 120_000 }, async () => {
  const before = await everyKey()
  const { code, text } = await apart('reproduce', 'plums', models[0]!)
  expect(code, text).toBe(0)
  expect(text).toContain('the same, byte by byte')
  const json = await apart('reproduce', 'plums', '2', '--without-kafka', '--json')
  const answer = JSON.parse(json.text.split('\n').find((line) => line.startsWith('{"'))!) as { steps: object[] }
  expect(answer).toMatchObject({ same: true, model: models[1] })
  expect(answer.steps).toMatchObject([
    { stage: 'ingest' },
    { stage: 'clean' },
    { stage: 'train' },
    { stage: 'evaluate' },
  ])
  expect(await everyKey()).toEqual(before)
})
