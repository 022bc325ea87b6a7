// Ports are chosen once per state folder and come back at every start.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { choosePorts, rememberedPorts, waitUntilFree } from '../../../infra/servers/ports.ts'

let stateDir: string

beforeEach(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-ports-'))
})

afterEach(() => rmSync(stateDir, { recursive: true }))

test('remembers the ports of the first start', async () => {
  expect(rememberedPorts(stateDir)).toBeUndefined()
  const first = await choosePorts(stateDir, {})
  expect(await choosePorts(stateDir, {})).toEqual(first)
  expect(rememberedPorts(stateDir)).toEqual(first)
})

test('chooses five different ports below 30000', async () => {
  const ports = Object.values(await choosePorts(stateDir, {}))
  expect(new Set(ports).size).toBe(5)
  expect(ports.every((port) => port >= 20_000 && port < 30_000)).toBe(true)
})

test('prefers and remembers wanted ports', async () => {
  const before = await choosePorts(stateDir, {})
  const after = await choosePorts(stateDir, { s3: 31_999 })
  expect(after).toEqual({ ...before, s3: 31_999 })
  expect(await choosePorts(stateDir, {})).toEqual(after)
})

test('sees a taken port and its release', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  expect(await waitUntilFree(port, 120)).toBe(false)
  const freed = waitUntilFree(port, 5000)
  server.close()
  expect(await freed).toBe(true)
})
