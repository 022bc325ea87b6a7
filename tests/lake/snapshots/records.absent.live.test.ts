// Records of which a part is absent (timestamp, key, value, a header's value), from a real broker to rows, rejects and replayed rejects.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { ensurePythonPeers } from '../../../infra/testing/python-peers.ts'
import { readColumns } from '../../../lake/columns/read.ts'
import { readRejects, writeRejects } from '../../../lake/snapshots/segment.ts'
import { commitSnapshot, headSnapshot, snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import { openS3Store, type S3Store } from '../../../lake/store/s3.ts'
import type { Reject } from '../../../schemas/segment.ts'
import { replayRejects } from '../../../stages/ingest/replay-rejects.ts'
import { sourceOf } from '../../../stages/ingest/source.ts'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { copyHeaders, copyKey, copyValue } from '../../../stream/record.ts'
import { ingestToEnd } from '../../faults/writer.ts'
import { columnValues } from '../../stream/cells.ts'
import { newTopicName } from '../../stream/live-kafka.ts'
import { aPlan } from '../../workflows/builders.ts'

const { kafka: at, s3 } = inject('endpoints')
const SCRIPT = 'tests/fixtures/stream/formats/send.py'
/** A producer that counts nanoseconds. */
const NANOS = '1700000000123456789'
const NEVER = '9223372036854775807'

const hex = (text: string | null): string | null => (text === null ? null : Buffer.from(text).toString('hex'))
type Sent = readonly [timestamp: string, key: string | null, value: string | null, host?: string | null]

/** `host`: absent there is no header; null: the header has no value. */
const SENT: readonly Sent[] = [
  ['-1', null, '{"id":"a","x":1}'],
  ['-1', '', '{"id":"b","x":2}', ''],
  ['1700000000000', 'k', '{"id":"c"}', null],
  [NANOS, null, '{"id":"d","x":null}', 'here'],
  ['-1', '', ''],
  ['-1', null, null, null],
  [NANOS, '\u0000', 'not JSON', 'there'],
  ['1700000000001', '', '{"id":"e"}'],
]

let broker: Broker
beforeAll(async () => {
  broker = await connectBroker({ brokers: at.brokers })
})
afterAll(() => broker.close())

async function openStore(): Promise<S3Store> {
  const store = openS3Store(s3, { prefix: `tests/${randomUUID()}/` })
  await store.ensureBucket()
  return store
}

/** null: sent; else why it cannot be. */
async function send(topic: string): Promise<string | null> {
  const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir })
  if (!peers.ok) return peers.why
  const settings = { 'retention.ms': '-1', 'message.timestamp.after.max.ms': NEVER }
  await broker.createTopic({ topic, partitions: 1, settings })
  const records = SENT.map(([timestamp, key, value, host]) => {
    const headers = host === undefined ? '[]' : JSON.stringify([['host', hex(host)]])
    return `[${timestamp},${JSON.stringify(hex(key))},${JSON.stringify(hex(value))},${headers}]`
  })
  const args = [SCRIPT, at.brokers.join(','), 'records', topic, `[${records.join()}]`]
  const { status, stderr } = spawnSync(peers.command, args, {
    env: { ...process.env, PYTHONPATH: peers.path },
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  return null
}

test('what is absent stays absent, what is empty stays empty', async ({ skip }) => {
  const topic = newTopicName()
  const why = await send(topic)
  if (why !== null) skip(why)
  const plan = aPlan({
    source: { topic, format: 'json' },
    columns: [
      { name: 'id', kind: 'id' },
      { name: 'x', kind: 'number' },
      { name: 'host', kind: 'text', maxBytes: 20, header: 'host' },
    ],
  })
  const store = await openStore()
  await ingestToEnd({ store, broker, plan, name: 'w', maxRangeRows: 100, journal: { round: 1 } })
  const fresh = await filesOf(store, sourceOf(plan, ''))
  const rows = await readColumns(store, fresh.segments[0]!)
  const names = ['id', 'x', 'host', '_key', '_offset']
  expect(names.map((name) => columnValues(rows, name))).toEqual([
    ['a', 'b', 'c', 'd', 'e'],
    [1, 2, null, null, null],
    [null, '', null, 'here', null],
    [null, '', 'k', null, ''],
    [0, 1, 2, 3, 7],
  ])
  expect(rows.byName._timestamp).toMatchObject({
    values: BigInt64Array.of(-1n, -1n, 1_700_000_000_000n, BigInt(NANOS), 1_700_000_000_001n),
    valid: null,
  })
  const rejects = await readRejects(store, fresh.rejects[0]!)
  const text = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString()
  expect(rejects.map(({ timestamp, key, value }) => [timestamp, text(key), text(value)])).toEqual([
    [-1, '', ''],
    [-1, null, null],
    [BigInt(NANOS), '\u0000', 'not JSON'],
  ])
  // a count of none; one header of −1 bytes
  expect(rejects.slice(0, 2).map(({ headers }) => [...headers!])).toEqual([[0], [2, 8, ...Buffer.from('host'), 1]])

  const replayed = await openStore()
  const source = sourceOf(plan, fresh.clusterId)
  const range = { topic, partition: 0, start: 0, end: SENT.length }
  const written = { sourceId: source.id, range, rejects: await allRefused(topic) }
  await commitSnapshot({
    store: replayed,
    source,
    results: [{ range, holes: [], segment: null, rejects: await writeRejects(replayed, written) }],
    commitId: 'run-1',
  })
  expect(await replayRejects({ store: replayed }, { plan })).toMatchObject({ tried: 8, decoded: 5 })
  const after = await filesOf(replayed, source)
  expect(after.segments.map(({ sha256 }) => sha256)).toEqual(fresh.segments.map(({ sha256 }) => sha256))
  expect(after.rejects.map(({ sha256 }) => sha256)).toEqual(fresh.rejects.map(({ sha256 }) => sha256))
  for (const each of [store, replayed]) each.close()
})

async function filesOf(store: S3Store, source: ReturnType<typeof sourceOf>) {
  const head = await headSnapshot({ store, source })
  const { clusterId } = head!.snapshot.source
  return { clusterId, ...(await snapshotSegments({ store, snapshot: head!.snapshot })) }
}

/** Every record as an earlier version, which took none, would have kept it. */
async function allRefused(topic: string): Promise<Reject[]> {
  const rejects: Reject[] = []
  await broker.readRange({ topic, partition: 0, start: 0, end: SENT.length }, (record) => {
    const { offset, timestamp } = record
    const bytes = { key: copyKey(record), value: copyValue(record), headers: copyHeaders(record) }
    rejects.push({ partition: 0, offset, timestamp, ...bytes, reasons: ['an old bug'] })
  })
  return rejects
}
