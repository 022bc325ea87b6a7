// A pid means a process only together with its birth.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { identify, isAlive, isSame, residentBytes } from '../../core/process-identity.ts'

test('identifies this process the same twice', () => {
  const first = identify(process.pid)
  expect(first).toEqual(identify(process.pid))
  expect(first && isSame(first)).toBe(true)
})

test('refuses a reused pid', () => {
  const born = identify(process.pid)?.born ?? ''
  expect(isSame({ pid: process.pid, born: `${born}1` })).toBe(false)
})

test('refuses a pid of an earlier boot', () => {
  const born = identify(process.pid)?.born ?? ''
  expect(isSame({ pid: process.pid, born: born.replace(/^./, '-') })).toBe(false)
})

test('finds no process that has ended', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  expect(child.pid === undefined || isAlive(child.pid)).toBe(false)
})

test.runIf(process.platform === 'linux')('counts an unreaped zombie as dead', () => {
  const { pid = 0 } = spawn('true')
  // without a turn of the event loop nobody reaps the child, so it stays a zombie once it has ended
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8')
  const deadlineMs = Date.now() + 10_000
  while (!stat().includes(') Z ') && Date.now() < deadlineMs);
  expect(stat()).toContain(') Z ')
  expect(isAlive(pid)).toBe(false)
})

test('reports resident memory in bytes', () => {
  const bytes = residentBytes(process.pid) ?? 0
  expect(bytes).toBeGreaterThan(10 * 1024 * 1024)
  expect(bytes).toBeLessThan(16 * 1024 ** 3)
})
