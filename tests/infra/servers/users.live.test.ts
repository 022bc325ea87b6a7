// The last user of shared servers stops them, and a user that died does not count.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { identify } from '../../../core/process-identity.ts'
import { serverStatus, stopServers } from '../../../infra/servers/servers.ts'
import { joinServers } from '../../../infra/servers/users.ts'

let stateDir: string

beforeAll(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-users-'))
})

afterAll(async () => {
  await stopServers({ stateDir })
  rmSync(stateDir, { recursive: true })
})

const isUp = async () => (await serverStatus({ stateDir })).some(({ running }) => running)

test('stops the servers with the last user', async () => {
  const { leave } = await joinServers({ stateDir, cacheDir: loadConfig().cacheDir, only: ['s3'] })
  const other = spawn('sleep', ['600'])
  await once(other, 'spawn')
  const pid = other.pid ?? 0
  writeFileSync(path.join(stateDir, 'users', String(pid)), JSON.stringify(identify(pid)))
  expect(await leave()).toBe(false)
  expect(await isUp()).toBe(true)
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(await leave()).toBe(true)
  expect(await isUp()).toBe(false)
})
