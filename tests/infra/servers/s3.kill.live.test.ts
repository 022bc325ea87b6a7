// What an S3 server acknowledged survives a kill at any moment, and nothing half written shows afterwards.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { S3PROXY_DATA } from '../../../infra/servers/s3proxy.ts'
import { killServer, startServers, stopServers } from '../../../infra/servers/servers.ts'
import { openS3Store } from '../../../lake/store/s3.ts'
import { type Endpoints, S3_SERVERS, type S3ServerName } from '../../../schemas/endpoints.ts'
import { canRun } from './s3-servers.ts'

const { cacheDir } = loadConfig()
const ROUNDS = 5
const WRITERS = 6

const stateDirs: string[] = []
const newStateDir = () => stateDirs[stateDirs.push(mkdtempSync(path.join(os.tmpdir(), 'sluice-s3-'))) - 1]!

afterAll(async () => {
  for (const stateDir of stateDirs) {
    await stopServers({ stateDir })
    rmSync(stateDir, { recursive: true })
  }
})

const bodyOf = (round: number, writer: number, i: number) =>
  Buffer.alloc(i % 4 === 0 ? 600_000 : 2_000, `${round} ${writer} ${i} `)

/** Writes until the server is killed; → the keys that it acknowledged, with their bodies. */
async function writeUntilKilled(stateDir: string, s3: Endpoints['s3'], round: number): Promise<Map<string, Buffer>> {
  const store = openS3Store(s3)
  const acknowledged = new Map<string, Buffer>()
  let dead = false
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; !dead; i++) {
      const [key, body] = [`kept/${round}-${writer}-${i}.bin`, bodyOf(round, writer, i)]
      const outcome = await store.putIfAbsent(key, body).catch(() => null)
      if (outcome !== null) acknowledged.set(key, body)
    }
  })
  // on a busy machine the first objects take a while, and the kill is to come in the midst of others
  while (acknowledged.size < WRITERS + 2) await delay(5)
  await delay(17 * round)
  await killServer({ stateDir, name: 's3' })
  dead = true
  await Promise.all(writers)
  store.close()
  return acknowledged
}

async function keysOf(s3: Endpoints['s3']): Promise<string[]> {
  const client = new S3Client({ ...s3, credentials: s3, endpoint: s3.endpoint!, forcePathStyle: true })
  const keys: string[] = []
  for (let ContinuationToken: string | undefined, more = true; more; more = ContinuationToken !== undefined) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: 'kept/', ContinuationToken }))
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key!))
    ContinuationToken = page.NextContinuationToken
  }
  client.destroy()
  return keys
}

const here: S3ServerName[] = []
for (const name of S3_SERVERS) if (await canRun(name, cacheDir)) here.push(name)

describe.each(here)('%s', (s3Server) => {
  const start = async (stateDir: string) => (await startServers({ stateDir, cacheDir, only: ['s3'], s3Server })).s3

  test('keeps what it acknowledged when it is killed', async () => {
    const stateDir = newStateDir()
    const acknowledged = new Map<string, Buffer>()
    for (let round = 0; round < ROUNDS; round++) {
      const s3 = await start(stateDir)
      const store = openS3Store(s3)
      await store.ensureBucket()
      for (const [key, body] of await writeUntilKilled(stateDir, s3, round)) acknowledged.set(key, body)
      store.close()
    }
    const s3 = await start(stateDir)
    const store = openS3Store(s3)
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * WRITERS)
    for (const [key, body] of acknowledged) {
      expect(body.equals((await store.get(key)) ?? Buffer.alloc(0)), key).toBe(true)
      expect(await store.putIfAbsent(key, Buffer.from('late'))).toBe('exists')
    }
    // asked without the store, which would hide them
    expect((await keysOf(s3)).filter((key) => !/^kept\/\d-\d-\d+\.bin$/.test(key))).toEqual([])
    store.close()
  })

  test('leaves no other server its folder', async () => {
    const stateDir = newStateDir()
    await start(stateDir)
    await stopServers({ stateDir })
    const other = S3_SERVERS.find((name) => name !== s3Server)!
    const another = startServers({ stateDir, cacheDir, only: ['s3'], s3Server: other })
    await expect(another).rejects.toMatchObject({ code: 'S3_SERVER_CHANGED', facts: { found: s3Server } })
    const said: string[] = []
    await startServers({ stateDir, cacheDir, only: ['s3'], say: (line) => said.push(line) })
    expect(said.join('\n')).toContain(`starting s3 ${s3Server} `)
  })
})

test('a second start leaves alone what the running server has not finished', async () => {
  const stateDir = newStateDir()
  const { bucket, ...s3 } = (await startServers({ stateDir, cacheDir, only: ['s3'], s3Server: 's3proxy' })).s3
  const store = openS3Store({ ...s3, bucket })
  await store.ensureBucket()
  store.close()
  const upload = path.join(stateDir, 's3', S3PROXY_DATA, bucket, `a.bin-${randomUUID()}`)
  writeFileSync(upload, 'half of an upload that goes on')
  await startServers({ stateDir, cacheDir, only: ['s3'] })
  expect(existsSync(upload)).toBe(true)
  await killServer({ stateDir, name: 's3' })
  await startServers({ stateDir, cacheDir, only: ['s3'] })
  expect(existsSync(upload)).toBe(false)
})
