// A broker that dies in the middle of a read: the read goes on when it is back, and gives up when it stays away.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { killServer, startServers, stopServers } from '../../../infra/servers/servers.ts'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { openLink } from '../../../stream/kafka/kafkajs/link.ts'
import { sendEvents } from '../../../stream/kafka/producer.ts'

// servers of its own: those of the run are shared
const stateDir = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
const { cacheDir } = loadConfig()
const FENCED_LEADER_EPOCH = 74
const COUNT = 20_000
const RANGE = { topic: 'crash', partition: 0, start: 0, end: COUNT }
let brokers: readonly string[]

const start = async (): Promise<readonly string[]> =>
  (await startServers({ stateDir, cacheDir, only: ['kafka'] })).kafka.brokers

beforeAll(async () => {
  brokers = await start()
  await withBroker({}, (broker) => broker.createTopic({ topic: 'crash', partitions: 1 }))
  const events = Array.from({ length: COUNT }, (_, i) => ({ key: 'k', value: `v${i}`.padEnd(500) }))
  await sendEvents({ brokers, topic: 'crash', events, compression: 'none' })
}, 180_000)
afterAll(async () => {
  await stopServers({ stateDir, only: ['kafka'] })
  rmSync(stateDir, { recursive: true, force: true })
})

async function withBroker<T>(read: { patienceMs?: number }, use: (broker: Broker) => Promise<T>): Promise<T> {
  const broker = await connectBroker({ brokers, read: { fetchBytes: 16 * 1024, ...read } })
  try {
    return await use(broker)
  } finally {
    await broker.close()
  }
}

test('the read goes on when the broker is back', async () => {
  await withBroker({}, async (broker) => {
    let seen = 0
    let lastMs = performance.now()
    let longestPauseMs = 0
    let restarted: Promise<unknown> | undefined
    const { records, holes } = await broker.readRange(RANGE, ({ offset }) => {
      expect(offset).toBe(seen++)
      longestPauseMs = Math.max(longestPauseMs, performance.now() - lastMs)
      lastMs = performance.now()
      if (seen === 1000) restarted = killServer({ stateDir, name: 'kafka' }).then(start)
    })
    await restarted
    expect({ records, holes }).toEqual({ records: COUNT, holes: [] })
    expect(longestPauseMs).toBeGreaterThan(300) // else the crash came after the last fetch
  })
}, 120_000)

test('the same connection serves after a restart', async () => {
  await withBroker({}, async (broker) => {
    await broker.topicEnds('crash')
    await killServer({ stateDir, name: 'kafka' })
    await start()
    expect(await broker.topicEnds('crash')).toEqual([{ partition: 0, logStart: 0, lastStableOffset: COUNT }])
    expect(await broker.createTopic({ topic: 'crash', partitions: 1 })).toBe('exists')
  })
}, 120_000)

test('events sent across a crash count once', async () => {
  await withBroker({}, (broker) => broker.createTopic({ topic: 'sent', partitions: 3 }))
  const events = Array.from({ length: COUNT }, (_, i) => ({ value: `v${i}` }))
  let restarted: Promise<unknown> | undefined
  const onProgress = (): void => {
    restarted ??= killServer({ stateDir, name: 'kafka' }).then(start)
  }
  await sendEvents({ brokers, topic: 'sent', events, onProgress })
  await restarted
  const values: string[] = []
  await withBroker({}, async (broker) => {
    for (const { partition, lastStableOffset: end } of await broker.topicEnds('sent')) {
      await broker.readRange({ topic: 'sent', partition, start: 0, end }, ({ bytes, valueStart, valueLength }) => {
        values.push(bytes.toString('utf8', valueStart, valueStart + valueLength))
      })
    }
  })
  expect(values.length).toBe(COUNT)
  expect(new Set(values).size).toBe(COUNT)
}, 120_000)

test('a fetch under an older leader epoch is refused', async () => {
  const link = openLink({ brokers, clientId: 'test', topic: 'crash' })
  const fetch = () => link.fetch({ partition: 0, offset: 0, maxBytes: 1000, maxWaitMs: 100 })
  const errorCode = () => fetch().then((answer) => answer.errorCode, () => 'away') // biome-ignore format: one line
  expect(await errorCode()).toBe(0)
  await killServer({ stateDir, name: 'kafka' })
  await start() // leads under a new epoch, which the link has not heard of
  await expect.poll(errorCode, { timeout: 20_000 }).toBe(FENCED_LEADER_EPOCH)
  await link.refresh()
  expect(await errorCode()).toBe(0)
  await link.close()
}, 60_000)

test('the read gives up when the broker stays away', async () => {
  await withBroker({ patienceMs: 1000 }, async (broker) => {
    let killed: Promise<void> | undefined
    const reading = broker.readRange(RANGE, () => {
      killed ??= killServer({ stateDir, name: 'kafka' })
    })
    await expect(reading).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' })
    await killed
  })
}, 120_000)
