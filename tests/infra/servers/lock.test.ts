// One process at a time under a state folder.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify } from '../../../core/process-identity.ts'
import { withLock } from '../../../infra/servers/lock.ts'

let stateDir: string
const said: string[] = []
const say = (line: string) => {
  said.push(line)
}

beforeEach(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-lock-'))
  said.length = 0
})

afterEach(() => rmSync(stateDir, { recursive: true }))

test('lets one in at a time', async () => {
  let inside = 0
  const peaks: number[] = []
  const visit = async () => {
    inside += 1
    await turn()
    peaks.push(inside)
    inside -= 1
  }
  await Promise.all(Array.from({ length: 6 }, () => withLock({ stateDir, say }, visit)))
  expect(peaks).toEqual([1, 1, 1, 1, 1, 1])
  expect(said.length).toBeGreaterThan(0)
})

test('opens again after a failure', async () => {
  await expect(withLock({ stateDir, say }, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside')
  expect(await withLock({ stateDir, say }, async () => 'in')).toBe('in')
  expect(readdirSync(stateDir)).toEqual([])
})

test('takes over from a dead holder', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  writeFileSync(path.join(stateDir, 'lock'), JSON.stringify(identify(child.pid ?? 0)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  const visits = await Promise.all([1, 2, 3].map((n) => withLock({ stateDir, say, waitMs: 5000 }, async () => n)))
  expect(visits).toEqual([1, 2, 3])
})

test('takes over a lock cut off in writing', async () => {
  writeFileSync(path.join(stateDir, 'lock'), '{"pid"')
  expect(await withLock({ stateDir, say, waitMs: 5000 }, async () => 'in')).toBe('in')
})

test('names the holder when the wait ends', async () => {
  writeFileSync(path.join(stateDir, 'lock'), JSON.stringify(identify(process.pid)))
  await expect(withLock({ stateDir, say, waitMs: 50 }, async () => 'in')).rejects.toMatchObject({
    code: 'STATE_LOCKED',
    facts: { pid: process.pid },
  })
  expect(existsSync(path.join(stateDir, 'lock'))).toBe(true)
})
