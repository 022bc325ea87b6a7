// Ctrl-C while the demo is starting: nothing that it started goes on, wherever it is caught, and what ran before does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runningIn } from '../../infra/servers/process.ts'
import { SERVER_NAMES } from '../../infra/servers/servers.ts'
import { spawnCommand } from './live-command.ts'
import { sluice } from './streams.ts'

const state = mkdtempSync(path.join(tmpdir(), 'sluice-demo-'))
const env = { SLUICE_STATE: state, SLUICE_BACKEND: 'wasm' }
const running = () => [...SERVER_NAMES, 'worker'].filter((name) => runningIn(path.join(state, name)) !== undefined)
afterAll(async () => {
  await sluice(['down'], env)
  rmSync(state, { recursive: true, force: true })
})

test.each(['starting temporal', 'temporal is ready', 'kafka is ready', 'act 1', 'worker: ready'])(
  'after "%s" nothing is left',
  async (words) => {
    const demo = spawnCommand(['demo', 'diagnosis', '--approve'], env)
    await demo.says(words, 60_000)
    const { code } = await demo.end('SIGINT')
    expect([code, running()], demo.text()).toEqual([130, []])
  },
)

test('servers that ran before go on', async () => {
  const up = await sluice(['up'], env)
  expect(up.code, up.stderr).toBe(0)
  const demo = spawnCommand(['demo', 'diagnosis', '--approve'], env)
  await demo.says('act 1', 60_000)
  expect((await demo.end('SIGINT')).code).toBe(130)
  expect(running()).toEqual([...SERVER_NAMES])
})
