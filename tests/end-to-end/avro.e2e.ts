// Avro through the whole product: a schema registry, records of a Python service, a model that a person approves, an answer.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { runCommand } from '../../infra/downloads/run-command.ts'
import { ROOT_DIR } from '../../infra/places.ts'
import { ensurePythonPeers, type PythonPeers } from '../../infra/testing/python-peers.ts'
import { type LocalRegistry, startSchemaRegistry } from '../../infra/testing/schema-registry.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { columnValues } from '../stream/cells.ts'
import { openStack, type Stack } from './stack.ts'

const PROJECT = path.join(ROOT_DIR, 'tests', 'fixtures', 'avro-project')
const SCHEMA_FILE = path.join(PROJECT, 'pipelines', 'orders', 'order.avsc')
const PIPELINE = 'orders'
/** one in a hundred does not decode, one has no label */
const ORDERS = 3_000
const ODD = ORDERS / 100
/** an order every 1,000.003 ms, cut off to whole ones */
const START_MS = Date.UTC(2026, 0, 1)
const LAST_ORDER_MS = Math.floor((ORDERS - 1) * 1000.003)

let peers: PythonPeers
let registry: LocalRegistry
let stack: Stack
let result: RetrainResult

beforeAll(async () => {
  const { cacheDir } = loadConfig()
  const fetching = { cacheDir, say: console.log }
  peers = await ensurePythonPeers(fetching)
  if (!peers.ok) return
  ;[registry, stack] = await Promise.all([
    startSchemaRegistry(fetching),
    openStack({ name: 'avro', projectDir: PROJECT }),
  ])
  stack.start(['worker'], { SLUICE_SCHEMA_REGISTRY: registry.url })
  await answer('apply', PIPELINE)
  await sendOrders(await register(`${PIPELINE}-value`))
  result = (await answer('run', PIPELINE)) as RetrainResult
})

afterAll(() => Promise.all([registry?.stop(), stack?.close()]))

test('a run ends in front of a person', ({ skip }) => {
  if (!peers.ok) skip(peers.why)
  expect(result.outcome).toBe('waiting for approval')
  expect(result.stages.map(({ stage }) => stage)).toEqual(['ingest', 'clean', 'train', 'evaluate', 'promote'])
  expect(result.evaluation?.verdict).toBe('PASS')
})

test('every record is accounted for', ({ skip }) => {
  if (!peers.ok) skip(peers.why)
  const { accounting } = result.dataset!
  expect(accounting).toMatchObject({ in: ORDERS, clean: ORDERS - 2 * ODD, rejected: 2 * ODD, duplicates: 0 })
  expect(accounting.rejectedBy).toEqual({ decode: ODD, 'fate is known': ODD })
})

test('nested and logical types become plain columns', async ({ skip }) => {
  if (!peers.ok) skip(peers.why)
  const store = openS3Store(stack.endpoints.s3)
  const { segments } = await snapshotSegments({ store, snapshot: result.snapshot! })
  const parts = await Promise.all(segments.map((segment) => readColumns(store, segment)))
  store.close()
  const values = (name: string): unknown[] => parts.flatMap((columns) => columnValues(columns, name))
  const times = values('placedAt').map(Number)
  expect([Math.min(...times), Math.max(...times)]).toEqual([START_MS, START_MS + LAST_ORDER_MS])
  for (const total of values('total')) expect(total).toBe(Math.round(Number(total) * 100) / 100)
  expect(new Set(values('country'))).toEqual(new Set(['DE', 'FR', 'IT']))
})

test('the approved model answers', async ({ skip }) => {
  if (!peers.ok) skip(peers.why)
  await answer('approve', PIPELINE, '--reason', 'the gates passed')
  const value = async (total: number, country: string): Promise<unknown> => {
    const row = JSON.stringify({ total, items: 3, country })
    const { prediction } = (await answer('predict', PIPELINE, '--row', row)) as { prediction: { value: boolean } }
    return prediction.value
  }
  expect(await value(190, 'IT')).toBe(true)
  expect(await value(10, 'DE')).toBe(false)
})

async function answer(...args: string[]): Promise<unknown> {
  const { code, json, text } = await stack.sluice(args)
  expect(code, text).toBe(0)
  return json
}

/** → the schema's id */
async function register(subject: string): Promise<number> {
  const response = await fetch(`${registry.url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: readFileSync(SCHEMA_FILE, 'utf8') }),
  })
  return ((await response.json()) as { id: number }).id
}

async function sendOrders(schemaId: number): Promise<void> {
  if (!peers.ok) return
  const brokers = stack.endpoints.kafka.brokers.join(',')
  const args = [path.join(PROJECT, 'send.py'), brokers, PIPELINE, SCHEMA_FILE, String(schemaId), String(ORDERS)]
  const sent = await runCommand(peers.command, args, { env: { PYTHONPATH: peers.path } })
  expect(sent.code, sent.stderr).toBe(0)
}
