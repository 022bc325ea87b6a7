// The fault matrix before a real S3 server: every operation × every fault × one and two writers, every offset exactly once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { ensurePythonPeers, type PythonPeers } from '../../infra/python-peers.ts'
import { type Ground, openGround } from './ground.ts'
import { FAULTS, OPERATIONS } from './proxy.ts'
import { runCell } from './run-cell.ts'

let ground: Ground
let peers: PythonPeers
beforeAll(async () => {
  ground = await openGround(inject('endpoints'))
  peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir })
})
afterAll(() => ground.close())

/** One lake per fault, for the reader that shares no code with us. */
const samples = new Map<string, string>()

const CELLS = FAULTS.flatMap((fault) =>
  [1, 2].flatMap((writers) => OPERATIONS.map((operation) => ({ fault, operation, writers }))),
)

describe.concurrent('ingest keeps every offset once', { timeout: 60_000 }, () => {
  test.for(CELLS)('$fault at $operation, writers: $writers', async (cell, { expect: check }) => {
    const { injected, violations, prefix } = await runCell(ground, cell)
    check(violations).toEqual([])
    check(injected).toBeGreaterThan(0)
    if (cell.writers === 2) samples.set(cell.fault, prefix)
  })
})

test('an independent reader agrees, per fault', { timeout: 120_000 }, async (context) => {
  if (!peers.ok) return context.skip(`${peers.why}: ${peers.fix}`)
  expect(samples.size).toBe(FAULTS.length)
  const { kafka, s3 } = ground.endpoints
  const lakes = Object.fromEntries(samples)
  const job = { brokers: kafka.brokers.join(','), s3, topic: ground.plan.source.topic, source: ground.sourceId, lakes }
  const child = spawn(peers.command, ['tests/fixtures/faults/read_back.py', JSON.stringify(job)], {
    env: { ...process.env, PYTHONPATH: peers.path },
  })
  const text: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => text.push(String(chunk)))
  const [code] = await once(child, 'close')
  expect({ code, text: text.join('') }).toMatchObject({ code: 0 })
  expect(JSON.parse(text.join(''))).toEqual(Object.fromEntries(FAULTS.map((fault) => [fault, 'every offset once'])))
})
