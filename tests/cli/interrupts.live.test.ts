// Ctrl-C and SIGTERM at any moment: every verb ends within a second, as shells expect it, and without a stack.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { VERBS, verbName } from '../../cli/verbs.ts'
import { type LiveCommand, spawnCommand as spawnAny } from './live-command.ts'
import { type ServerGate, serverGate } from './server-gate.ts'
import { sluice } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

/** A second, and what a busy machine adds to the end of a process. */
const WITHIN_MS = 1_500

const endpoints = inject('endpoints')
let project: TemporaryProject
let temporal: ServerGate
const took: number[] = []
beforeAll(async () => {
  project = await temporaryProject(endpoints)
  temporal = await serverGate(endpoints.temporal.address)
  await sluice(['apply', 'pears'], project.env)
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(200))
  await sluice(['send', 'pears', '--file', file], project.env)
})
afterAll(async () => {
  await temporal.shut()
  project.remove()
  took.sort((a, b) => a - b)
  const [median, last] = [took[took.length >> 1], took.at(-1)].map((ms) => Math.round(ms ?? Number.NaN))
  console.log(`from the signal to the end: median ${median} ms, longest ${last} ms, of ${took.length}`)
})

let commands: LiveCommand[] = []
afterEach(() => {
  for (const { child } of commands) child.kill('SIGKILL') // of a test that failed
  commands = []
})

const spawnCommand: typeof spawnAny = (args, env) => {
  const command = spawnAny(args, env)
  commands.push(command)
  return command
}

async function expectEnd(command: LiveCommand, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const { code, by, ms } = await command.end(signal)
  took.push(ms)
  const expected = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
  // killed by the signal is what a shell calls 130 or 143; done or refused before the signal came is fine
  expect([expected, signal, EXIT.ok, EXIT.notReady, EXIT.refused], command.text()).toContain(by ?? code)
  expect(ms, command.text()).toBeLessThan(WITHIN_MS)
  expect(command.errors()).not.toMatch(/has been shut down|^ {4}at /m)
}

/** As a person calls them; not here: those that fetch and start servers, and init, which only copies. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  completion: ['bash'],
  doctor: [],
  apply: ['pears'],
  send: ['pears', '--file', '-'],
  test: ['pears', '--file', '-'],
  inspect: ['pears'],
  why: ['pears'],
  diff: ['pears'],
  lineage: ['pears'],
  reproduce: ['pears'],
  rows: ['pears', '--duplicates'],
  worker: [],
  run: ['pears'],
  rejects: ['pears'],
  compact: ['pears'],
  collect: ['pears'],
  export: ['pears', '--raw', '--parquet', 'exported'],
  'export-model': ['pears', '--format', 'tfjs', '--to', 'exported'],
  ingest: ['pears'],
  verify: ['pears'],
  approve: ['pears'],
  reject: ['pears', '--reason', 'x'],
  rollback: ['pears', '--reason', 'x'],
  pause: ['pears', '--reason', 'x'],
  resume: ['pears'],
  delete: ['pears', '--reason', 'x'],
  models: ['pears'],
  serve: ['--port', '0'],
  predict: ['pears'],
  generate: ['pears', '--prompt', 'x'],
}
const ELSEWHERE = ['up', 'down', 'setup', 'demo', 'init']

test('every verb is here or starts servers', () => {
  expect([...Object.keys(CALLS), ...ELSEWHERE].sort()).toEqual(VERBS.map(verbName).sort())
})

const MOMENTS = [
  ['SIGINT', 120],
  ['SIGTERM', 500],
  ['SIGINT', 1_500],
] as const

test.each(Object.entries(CALLS))('%s ends when asked', { timeout: 30_000 }, async (verb, args) => {
  for (const [signal, afterMs] of MOMENTS) {
    const command = spawnCommand([verb, ...args], project.env)
    await delay(afterMs)
    await expectEnd(command, signal)
  }
})

test('a run that waits for a worker ends when asked', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const command = spawnCommand(['run', 'pears'], project.env)
    await command.says('  waits: no worker')
    await expectEnd(command, signal)
    expect(command.text()).toContain('the run goes on')
  }
})

test('a worker that works ends at once when it has nothing to hand over', async () => {
  const worker = spawnCommand(['worker', '--queues', 'main'], project.env)
  await worker.says('worker: ready')
  await expectEnd(worker, 'SIGTERM')
  expect(await worker.ended).toEqual([0, null])
})

/** While calls are tried again, which is when closing the connection used to end in a stack. */
test.each([
  ['run', 300],
  ['run', 2_500],
  ['run', 5_500],
])('%s ends when asked %i ms after Temporal went away', { timeout: 60_000 }, async (verb, afterMs) => {
  await temporal.open()
  const command = spawnCommand([verb, 'pears'], { ...project.env, SLUICE_TEMPORAL_ADDRESS: temporal.address })
  await command.says('  waits: no worker')
  await temporal.shut()
  await delay(afterMs)
  await expectEnd(command, 'SIGINT')
})

test.each(['status', 'run', 'worker', 'approve'])('%s ends when no server answers', async (verb) => {
  const nobody = '127.0.0.1:1'
  const env = {
    ...project.env,
    SLUICE_TEMPORAL_ADDRESS: nobody,
    SLUICE_KAFKA_BROKERS: nobody,
    SLUICE_S3_ENDPOINT: `http://${nobody}`,
  }
  const command = spawnCommand([verb, ...CALLS[verb]!], env)
  await delay(1_200)
  await expectEnd(command, 'SIGTERM')
})
