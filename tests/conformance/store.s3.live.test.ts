// The store on a real S3 server passes the suite, and names what goes wrong.
import { randomUUID } from 'node:crypto'
import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { probeMultipart, probeStore } from '../../lake/store/probe.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { describeStore } from './store.suite.ts'

const s3 = inject('endpoints').s3
const prefix = `tests/${randomUUID()}/`
const store = openS3Store(s3, { prefix })
const inParts = openS3Store(s3, { prefix, multipartAboveBytes: 0, partBytes: 5 * 1024 * 1024 })

beforeAll(() => store.ensureBucket())
afterAll(() => {
  store.close()
  inParts.close()
})

describeStore('S3', () => store)
describeStore('S3 by multipart', () => inParts)

describe('the S3 store', () => {
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
  it('hides its prefix', async () => {
    await store.putIfAbsent('hidden/a', new Uint8Array(1))
    const whole = openS3Store(s3)
    expect(await whole.get(`${prefix}hidden/a`)).toHaveLength(1)
    whole.close()
  })
})
