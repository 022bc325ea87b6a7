// What the store must do on any real S3 server: pass the suite, and name what goes wrong.
import { randomUUID } from 'node:crypto'
import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { probeMultipart, probeStore } from '../../lake/store/probe.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { describeStore, type StoreTraits } from './store.suite.ts'

/** `open` tells where the server is, once, before the first case. */
export function describeS3Store(name: string, open: () => Promise<Endpoints['s3']>, traits: StoreTraits = {}): void {
  const prefix = `tests/${randomUUID()}/`
  let s3: Endpoints['s3']
  let store: S3Store
  let inParts: S3Store

  beforeAll(async () => {
    s3 = await open()
    store = openS3Store(s3, { prefix })
    inParts = openS3Store(s3, { prefix, multipartAboveBytes: 0, partBytes: 5 * 1024 * 1024 })
    await store.ensureBucket()
  })
  afterAll(() => {
    store.close()
    inParts.close()
  })

  describeStore(name, () => store, traits)
  describeStore(`${name} by multipart`, () => inParts, traits)

  describe(`the store on ${name}`, () => {
    it('passes the race probe', async () => {
      await probeStore(store)
      for await (const key of store.list('probe/')) expect.unreachable(`${key} was left behind`)
    })
    it('passes the race probe by multipart', async () => {
      expect(await probeMultipart(inParts)).toBe('one wins')
      expect(await store.abortUploads('probe/', { beforeMs: Infinity })).toBe(0)
    })
    it('finds a bucket that exists', async () => {
      await expect(store.ensureBucket()).resolves.toBeUndefined()
    })
    it('creates a bucket once, by many', async () => {
      const fresh = { ...s3, bucket: `b-${randomUUID()}` }
      const stores = Array.from({ length: 4 }, () => openS3Store(fresh))
      await Promise.all(stores.map((each) => each.ensureBucket()))
      expect(await stores[0]!.putIfAbsent('a', new Uint8Array(1))).toBe('created')
      for (const each of stores) each.close()
    })
    it('refuses a wrong secret', async () => {
      const stranger = openS3Store({ ...s3, secretAccessKey: 'wrong' }, { prefix })
      await expect(stranger.get('a')).rejects.toMatchObject({ code: 'STORE_REFUSED', facts: { operation: 'GET' } })
      await expect(stranger.putIfAbsent('a', new Uint8Array())).rejects.toMatchObject({ code: 'STORE_REFUSED' })
      stranger.close()
    })
    it('takes a missing bucket for no empty lake', async () => {
      const lost = openS3Store({ ...s3, bucket: `no-${randomUUID()}` })
      await expect(lost.get('a')).rejects.toMatchObject({ code: 'STORE_REFUSED' })
      await expect(lost.list('a')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
      lost.close()
    })
    it('aborts uploads that nobody completes', async () => {
      const client = new S3Client({ ...s3, credentials: s3, endpoint: s3.endpoint!, forcePathStyle: true })
      const place = { Bucket: s3.bucket, Key: `${prefix}left/behind` }
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(place))
      await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: Buffer.from('part') }))
      expect(await store.abortUploads('left/', { beforeMs: 0 })).toBe(0)
      expect(await store.abortUploads('other/', { beforeMs: Infinity })).toBe(0)
      expect(await store.abortUploads('left/', { beforeMs: Infinity, dryRun: true })).toBe(1)
      expect(await store.abortUploads('left/', { beforeMs: Infinity })).toBe(1)
      expect(await store.abortUploads('left/', { beforeMs: Infinity })).toBe(0)
      client.destroy()
    })
    it('lists no object before it is whole', async () => {
      const body = new Uint8Array(300_000)
      let written = 0
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; i < 10; i++) await store.putIfAbsent(`whole/${writer}-${i}.json`, body)
        written++
      })
      const seen = new Map<string, number>()
      while (written < writers.length) {
        for await (const { key, bytes } of store.objects('whole/')) seen.set(key, bytes)
      }
      await Promise.all(writers)
      expect([...seen.keys()].filter((key) => !/^whole\/\d-\d\.json$/.test(key))).toEqual([])
      expect(new Set(seen.values())).toEqual(new Set([body.length]))
    })
    it('hides its prefix', async () => {
      await store.putIfAbsent('hidden/a', new Uint8Array(1))
      const whole = openS3Store(s3)
      expect(await whole.get(`${prefix}hidden/a`)).toHaveLength(1)
      whole.close()
    })
  })
}
