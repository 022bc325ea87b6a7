// The store on a real S3 server passes the suite, and names what goes wrong.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { probeStore } from '../../lake/probe.ts'
import { openS3Store } from '../../lake/s3.ts'
import { describeStore } from './store.suite.ts'

const s3 = inject('endpoints').s3
const prefix = `tests/${randomUUID()}/`
const store = openS3Store(s3, { prefix })

beforeAll(() => store.ensureBucket())
afterAll(() => store.close())

describeStore('S3', () => store)

describe('the S3 store', () => {
  it('passes the race probe', async () => {
    await probeStore(store)
    for await (const key of store.list('probe/')) expect.unreachable(`${key} was left behind`)
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
  it('hides its prefix', async () => {
    await store.putIfAbsent('hidden/a', new Uint8Array(1))
    const whole = openS3Store(s3)
    expect(await whole.get(`${prefix}hidden/a`)).toHaveLength(1)
    whole.close()
  })
})
