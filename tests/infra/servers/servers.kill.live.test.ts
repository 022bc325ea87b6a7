// A killed server comes back on the same port with the same data. Own state folder: the shared servers stay up.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Client, Connection } from '@temporalio/client'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { killServer, serverStatus, startServers, stopServers } from '../../../infra/servers/servers.ts'
import type { Endpoints, ServerName } from '../../../schemas/endpoints.ts'
import { SEARCH_ATTRIBUTES } from '../../../schemas/search-attributes.ts'

const { cacheDir } = loadConfig()
let stateDir: string
let endpoints: Endpoints

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-kill-'))
  endpoints = await startServers({ stateDir, cacheDir })
})

afterAll(async () => {
  await stopServers({ stateDir })
  rmSync(stateDir, { recursive: true })
})

/** Kills one server, shows that it is gone, starts it again, and shows that its address did not change. */
async function killAndRestart(name: ServerName): Promise<void> {
  const pidOf = async () => (await serverStatus({ stateDir })).find((status) => status.name === name)?.pid
  const before = await pidOf()
  await killServer({ stateDir, name })
  expect(await pidOf()).toBeUndefined()
  expect(await startServers({ stateDir, cacheDir })).toEqual(endpoints)
  const after = await pidOf()
  expect(after).toBeDefined()
  expect(after).not.toBe(before)
}

test('starting twice changes nothing', async () => {
  const before = await serverStatus({ stateDir })
  expect(await startServers({ stateDir, cacheDir })).toEqual(endpoints)
  const after = await serverStatus({ stateDir })
  expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  expect(after.every(({ running, rssBytes }) => running && (rssBytes ?? 0) > 0)).toBe(true)
  expect(JSON.parse(readFileSync(path.join(stateDir, 'servers.json'), 'utf8'))).toEqual(endpoints)
})

test('two starts at once share the servers', async () => {
  const both = await Promise.all([startServers({ stateDir, cacheDir }), startServers({ stateDir, cacheDir })])
  expect(both).toEqual([endpoints, endpoints])
})

test('refuses to move a running server', async () => {
  await expect(startServers({ stateDir, cacheDir, ports: { s3: 1 } })).rejects.toMatchObject({ code: 'PORT_MOVED' })
})

test('Kafka keeps acknowledged records', async () => {
  const kafka = new Kafka({ brokers: [...endpoints.kafka.brokers], logLevel: logLevel.NOTHING })
  const write = async (topic: string) => {
    const admin = kafka.admin()
    const producer = kafka.producer()
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    const messages = Array.from({ length: 500 }, (_, index) => ({ value: `record ${index}` }))
    await producer.send({ topic, messages, acks: -1 })
    await Promise.all([admin.disconnect(), producer.disconnect()])
  }
  await write('before')
  await killAndRestart('kafka')
  const admin = kafka.admin()
  await admin.connect()
  expect(await admin.fetchTopicOffsets('before')).toMatchObject([{ low: '0', high: '500' }])
  await write('after')
  expect(await admin.fetchTopicOffsets('after')).toMatchObject([{ low: '0', high: '500' }])
  await admin.disconnect()
})

test('S3 keeps acknowledged objects', async () => {
  const { endpoint = '', region, accessKeyId, secretAccessKey } = endpoints.s3
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  const place = { Bucket: 'trial', Key: 'folder/object' }
  await client.send(new CreateBucketCommand({ Bucket: place.Bucket }))
  await client.send(new PutObjectCommand({ ...place, Body: 'kept' }))
  await killAndRestart('s3')
  const { Body } = await client.send(new GetObjectCommand(place))
  expect(await Body?.transformToString()).toBe('kept')
  const again = client.send(new PutObjectCommand({ ...place, Body: 'second', IfNoneMatch: '*' }))
  await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } })
  client.destroy()
})

test('Temporal keeps workflows and search attributes', async () => {
  const { address, namespace } = endpoints.temporal
  const start = await Connection.connect({ address })
  const options = { taskQueue: 'nobody-listens', workflowId: 'kept', args: [] }
  await new Client({ connection: start, namespace }).workflow.start('anything', options)
  await start.close()
  await killAndRestart('temporal')
  const connection = await Connection.connect({ address })
  const found = await new Client({ connection, namespace }).workflow.getHandle('kept').describe()
  expect(found.status.name).toBe('RUNNING')
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)))
  await connection.close()
})

test('a stop and a start keep the address', async () => {
  const stopped = await stopServers({ stateDir })
  expect(stopped.filter(({ wasRunning }) => wasRunning).map(({ name }) => name)).toEqual(['kafka', 's3', 'temporal'])
  expect((await serverStatus({ stateDir })).some(({ running }) => running)).toBe(false)
  expect(await startServers({ stateDir, cacheDir })).toEqual(endpoints)
})
