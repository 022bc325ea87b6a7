// Children that outlive their starter: found, stopped and killed through the pid file, and never anybody else.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify, isAlive } from '../../../core/process-identity.ts'
import { waitUntilFree } from '../../../infra/servers/ports.ts'
import { kill, type Launch, launch, runningIn, stop } from '../../../infra/servers/process.ts'

// ignores SIGTERM on request, serves a port, and says in its log that it is up
const PROGRAM = `
  const [port, stubborn] = process.argv.slice(1)
  if (stubborn) process.on('SIGTERM', () => {})
  require('node:http').createServer((_, answer) => answer.end('here')).listen(Number(port), '127.0.0.1', () => console.log('up'))`

let folder: string
let port: number
const strangers: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-process-'))
  port = await freePort()
})

afterEach(async () => {
  await kill(folder)
  for (const child of strangers.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number }
      server.close(() => resolve(free))
    })
  })
}

function program(changes: Partial<Launch> = {}): Launch {
  return {
    name: 'trial',
    folder,
    command: process.execPath,
    args: ['-e', PROGRAM, String(port)],
    ports: [port],
    isReady: async () => (await fetch(`http://127.0.0.1:${port}`)).ok,
    readyWithinMs: 15_000,
    ...changes,
  }
}

test('launches once and finds it again', async () => {
  const first = await launch(program())
  expect(await launch(program())).toEqual(first)
  expect(runningIn(folder)).toEqual(first)
  expect(readFileSync(path.join(folder, 'log'), 'utf8')).toBe('up\n')
})

test('stops with SIGTERM and forgets the pid', async () => {
  const { pid } = await launch(program())
  expect(await stop(folder)).toMatchObject({ wasRunning: true, forced: false })
  expect(isAlive(pid)).toBe(false)
  expect(existsSync(path.join(folder, 'pid'))).toBe(false)
  expect(await stop(folder)).toMatchObject({ wasRunning: false })
})

test('forces what ignores SIGTERM', async () => {
  const { pid } = await launch(program({ args: ['-e', PROGRAM, String(port), 'stubborn'] }))
  expect(await stop(folder, 300)).toMatchObject({ wasRunning: true, forced: true })
  expect(isAlive(pid)).toBe(false)
})

test('never signals a process with a reused pid', async () => {
  const stranger = spawn('sleep', ['60'])
  strangers.push(stranger)
  await once(stranger, 'spawn')
  const pid = stranger.pid ?? 0
  writeFileSync(path.join(folder, 'pid'), JSON.stringify({ pid, born: 'another boot/1' }))
  expect(runningIn(folder)).toBeUndefined()
  expect(await stop(folder)).toMatchObject({ wasRunning: false })
  await kill(folder)
  expect(identify(pid)).toBeDefined()
})

test('keeps the trace of a crash until the next start', async () => {
  await launch(program())
  await kill(folder)
  await stop(folder)
  expect(existsSync(path.join(folder, 'pid'))).toBe(true)
})

test('starts again after a kill', async () => {
  const first = await launch(program())
  await kill(folder)
  expect(existsSync(path.join(folder, 'pid'))).toBe(true)
  expect((await launch(program())).pid).not.toBe(first.pid)
})

test('ignores a pid file cut off in writing', () => {
  writeFileSync(path.join(folder, 'pid'), '{"pid": 1')
  expect(runningIn(folder)).toBeUndefined()
})

test('shows the log of what ends early', async () => {
  const dying = program({ args: ['-e', 'console.error("no room at the inn"); process.exit(3)'] })
  await expect(launch(dying)).rejects.toMatchObject({
    code: 'SERVER_DIED',
    message: expect.stringContaining('no room at the inn'),
  })
})

test('gives up on what never gets ready', async () => {
  const silent = program({ isReady: async () => false, readyWithinMs: 300 })
  await expect(launch(silent)).rejects.toMatchObject({ code: 'SERVER_NOT_READY' })
  expect(runningIn(folder)).toBeUndefined()
})

test('names a program that cannot be started', async () => {
  const missing = program({ command: path.join(folder, 'absent') })
  await expect(launch(missing)).rejects.toMatchObject({ code: 'SERVER_DIED' })
})

test('refuses a port that another process holds', async () => {
  const holder = createServer().listen(port, '127.0.0.1')
  await once(holder, 'listening')
  await expect(launch(program({ portWaitMs: 100 }))).rejects.toMatchObject({ code: 'PORT_TAKEN', facts: { port } })
  holder.close()
  await once(holder, 'close')
  expect(await waitUntilFree(port, -1)).toBe(true) // at the first look
})
