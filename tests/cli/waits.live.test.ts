// What a run waits for is said within five seconds, with what to do, by run, ingest and status; on real servers.
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { lookAtRun } from '../../cli/waiting/look-at-run.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { MAIN_QUEUE, retrainWorkflowId } from '../../schemas/ids.ts'
import { serversOf } from '../../workers/servers/reach.ts'
import { type LiveCommand, spawnCommand } from './live-command.ts'
import { type LiveWorker, spawnWorker } from './live-worker.ts'
import { type ServerGate, serverGate } from './server-gate.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

/** as promised, and the start of a process on a busy machine */
const WITHIN_MS = 5_000 + 1_500

const endpoints = inject('endpoints')
let connection: Connection
let project: TemporaryProject
let commands: LiveCommand[] = []
let workers: LiveWorker[] = []

beforeAll(async () => {
  connection = await Connection.connect({ address: endpoints.temporal.address })
})
afterAll(() => connection.close())
beforeEach(async () => {
  project = await temporaryProject(endpoints)
  await sluice(['apply', 'pears'], project.env)
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(400))
  await sluice(['send', 'pears', '--file', file], project.env)
})
afterEach(async () => {
  for (const { child } of commands) child.kill('SIGKILL')
  for (const { child } of workers) child.kill('SIGKILL')
  commands = []
  workers = []
  project.remove()
})

function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): LiveCommand {
  const started = spawnCommand(args, { ...project.env, ...env })
  commands.push(started)
  return started
}

async function worker(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<LiveWorker> {
  const started = spawnWorker({ ...project.env, ...env }, args)
  workers.push(started)
  await started.ready
  return started
}

/** A pipeline beside pears, or pears anew, with other words. */
async function pipeline(name: string, change: (text: string) => string): Promise<void> {
  const folder = (of: string) => join(project.directory, 'pipelines', of)
  const text = readFileSync(join(folder('pears'), 'pipeline.ts'), 'utf8')
  await mkdir(folder(name), { recursive: true })
  writeFileSync(join(folder(name), 'pipeline.ts'), change(text))
}

/** What `sluice status` says of the pipeline's run. */
async function statusOf(name: string, env: Readonly<Record<string, string>> = {}) {
  const { answer } = await sluiceJson(['status'], { ...project.env, ...env })
  const { underWay } = answer.around as { underWay: { workflowId: string; waits: unknown }[] }
  return underWay.filter(({ workflowId }) => workflowId === retrainWorkflowId(name))
}

/** As the explanation sees it: numbers of Temporal's API stay numbers, where its messages would write their names. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return undefined
  if (typeof value !== 'object' || value === null) return value
  if ('unsigned' in value) return String(value) // a Long
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}

/** SLUICE_RECORD=1 writes what is seen of the run, for the tests of its explanation. */
async function record(name: string): Promise<void> {
  if (process.env.SLUICE_RECORD !== '1') return
  const client = new Client({ connection, namespace: project.env.SLUICE_TEMPORAL_NAMESPACE! })
  const handle = client.workflow.getHandle(retrainWorkflowId('pears'))
  const seen = await lookAtRun({ client, handle, servers: serversOf(endpoints) })
  const folder = join(process.cwd(), 'tests', 'cli', 'waiting', 'recorded')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(plain(seen), null, 2)}\n`)
}

const waiting = (what: string, next: string) => [
  { waits: { what: expect.stringContaining(what), next: expect.stringContaining(next) } },
]

/** ms from now until the command says the words. */
async function toldWithin(told: LiveCommand, words: string): Promise<void> {
  const startedMs = performance.now()
  await told.says(words)
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS)
}

test('no worker at all', async () => {
  const run = command(['run', 'pears'])
  expect(await run.says('no worker runs')).toBeLessThan(WITHIN_MS)
  await run.says('next: start one: `./sluice worker`')
  await record('no-worker')
  const ingest = command(['ingest', 'pears'])
  expect(await ingest.says('no worker runs')).toBeLessThan(WITHIN_MS)
  await ingest.says('next: start one: `./sluice worker`')
  expect(await statusOf('pears')).toMatchObject(waiting('no worker runs', 'sluice worker'))
})

test('a worker that was killed', { timeout: 120_000 }, async () => {
  const killed = await worker(['--queues', 'main'])
  // the server has seen it, and will not forget it at once
  await expect
    .poll(async () => (await sluiceJson(['status'], project.env)).answer.worker, { timeout: 10_000 })
    .toBe(true)
  killed.child.kill('SIGKILL')
  const run = command(['run', 'pears'])
  expect(await run.says('no worker takes work from queue sluice-main')).toBeLessThan(WITHIN_MS)
  expect(run.text()).toContain(`${killed.child.pid}@`)
  await record('killed-worker')
  expect(await statusOf('pears')).toMatchObject(waiting('no worker takes work', 'sluice worker'))
  const ingest = command(['ingest', 'pears'])
  expect(await ingest.says('no worker takes work')).toBeLessThan(WITHIN_MS)
})

test('a training that needs a GPU', { timeout: 120_000 }, async () => {
  await pipeline('pears', (text) => text.replace('train: {', "train: { device: 'gpu',"))
  await worker()
  const run = command(['run', 'pears'])
  await run.says('  clean ')
  await toldWithin(run, 'no worker runs for trainings on a GPU (queue sluice-train-gpu)')
  expect(run.text()).toContain('sluice worker --queues gpu')
  await record('no-gpu')
  expect(await statusOf('pears')).toMatchObject(waiting('on a GPU', '--queues gpu'))
})

test('a training that waits behind another one', { timeout: 180_000 }, async () => {
  await pipeline('plums', (text) =>
    text
      .replace("name: 'pears'", "name: 'plums'")
      .replace('epochs: 10', 'epochs: 100_000')
      .replace("'/pears'", "'/plums'"),
  )
  await worker()
  const first = command(['run', 'plums'])
  await first.says('epoch', 60_000)
  const second = command(['run', 'pears'])
  await second.says('  clean ')
  await toldWithin(second, 'is busy with retrain/plums (train)')
  await record('busy-slot')
  expect(await statusOf('pears')).toMatchObject(waiting('busy with retrain/plums (train)', 'when that one has ended'))
  expect((await statusOf('plums'))[0]).toMatchObject({ stage: 'train', waits: null })
})

test('a search attribute that was removed', { timeout: 120_000 }, async () => {
  const namespace = project.env.SLUICE_TEMPORAL_NAMESPACE!
  await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: ['SluiceStage'] })
  await worker(['--queues', 'main'])
  const run = command(['run', 'pears'])
  expect(await run.says('SluiceStage')).toBeLessThan(WITHIN_MS)
  expect(run.text()).toContain('temporal operator search-attribute create')
  await record('missing-attribute')
  expect(await statusOf('pears')).toMatchObject(waiting('search attribute', '--name SluiceStage --type Keyword'))
})

/** A run that began with other code. */
async function beginWithOtherCode(): Promise<void> {
  const file = join(project.directory, 'other-workflows.ts')
  writeFileSync(
    file,
    "import { sleep } from '@temporalio/workflow'\nexport async function retrain() { await sleep('1 hour') }\n",
  )
  const namespace = project.env.SLUICE_TEMPORAL_NAMESPACE!
  const native = await NativeConnection.connect({ address: endpoints.temporal.address })
  const other = await Worker.create({
    connection: native,
    namespace,
    taskQueue: MAIN_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath: file, logger: new DefaultLogger('ERROR') }),
  })
  const client = new Client({ connection, namespace })
  const plan = await loadPipeline(project.directory, 'pears')
  await other.runUntil(async () => {
    const workflowId = retrainWorkflowId('pears')
    const args = [{ plan, reason: 'person', by: 'a test' }]
    const handle = await client.workflow.start('retrain', { workflowId, taskQueue: MAIN_QUEUE, args })
    await expect
      .poll(async () => Number((await handle.describe()).historyLength), { timeout: 10_000 })
      .toBeGreaterThan(4)
  })
  await native.close()
}

test('a worker of another version', { timeout: 120_000 }, async () => {
  await beginWithOtherCode()
  await worker(['--queues', 'main'])
  const run = command(['run', 'pears'])
  expect(await run.says('other workflow code')).toBeLessThan(WITHIN_MS)
  expect(run.text()).toContain('start a worker of that version')
  await record('other-version')
  expect(await statusOf('pears')).toMatchObject(waiting('other workflow code', 'terminate it in the Temporal UI'))
})

test.each([
  [
    'run',
    'S3',
    (gate: ServerGate) => ({ SLUICE_S3_ENDPOINT: `http://${gate.address}` }),
    endpoints.s3.endpoint!.slice(7),
  ],
  [
    'ingest',
    'S3',
    (gate: ServerGate) => ({ SLUICE_S3_ENDPOINT: `http://${gate.address}` }),
    endpoints.s3.endpoint!.slice(7),
  ],
  ['run', 'Kafka', (gate: ServerGate) => ({ SLUICE_KAFKA_BROKERS: gate.address }), endpoints.kafka.brokers[0]!],
  ['ingest', 'Kafka', (gate: ServerGate) => ({ SLUICE_KAFKA_BROKERS: gate.address }), endpoints.kafka.brokers[0]!],
])('%s, and %s is away', { timeout: 120_000 }, async (verb, name, envOf, target) => {
  const gate = await serverGate(target)
  const env = envOf(gate)
  await worker(['--queues', 'main'], env)
  await gate.shut()
  const told = command([verb, 'pears'], env)
  expect(await told.says(`${name} at `)).toBeLessThan(WITHIN_MS)
  expect(told.text()).toMatch(/takes no connections from here: .*ECONNREFUSED/)
  await gate.open()
  await told.says(verb === 'run' ? '  ingest ' : 'rows and', 60_000)
  await gate.shut()
})

test('Temporal goes away and comes back', { timeout: 120_000 }, async () => {
  await worker(['--queues', 'main'])
  const gate = await serverGate(endpoints.temporal.address)
  await pipeline('pears', (text) => text.replace('train: {', "train: { device: 'gpu',")) // so that the run stays
  const run = command(['run', 'pears'], { SLUICE_TEMPORAL_ADDRESS: gate.address })
  await run.says('  clean ')
  await gate.shut()
  await toldWithin(run, `Temporal at ${gate.address} does not answer`)
  await delay(25_000) // longer than the client tries by itself
  await gate.open()
  await run.says('on a GPU', 60_000)
  expect(run.errors()).not.toMatch(/^ {4}at /m)
  await gate.shut()
})

test('status names what is away', async () => {
  const nobody = '127.0.0.1:1'
  const env = { SLUICE_TEMPORAL_ADDRESS: nobody, SLUICE_S3_ENDPOINT: `http://${nobody}` }
  const startedMs = performance.now()
  const { code, answer } = await sluiceJson(['status'], { ...project.env, ...env })
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS)
  expect([code, answer.worker]).toEqual([4, null])
  const { unreachable } = answer.around as { unreachable: { name: string }[] }
  expect(unreachable.map(({ name }) => name).sort()).toEqual(['S3', 'Temporal'])
  const { stdout } = await sluice(['status'], { ...project.env, ...env })
  expect(stdout).toContain('worker: not known: Temporal does not answer')
})
