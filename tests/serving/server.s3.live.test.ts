// The server over a real bucket: a promotion written by another client is taken up by the poll alone.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import { startServing } from '../../serving/server.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'

const prefix = `tests/serving/${randomUUID()}/`
const { s3 } = inject('endpoints')
let reader: S3Store
let writer: S3Store

beforeAll(async () => {
  reader = openS3Store(s3, { prefix })
  writer = openS3Store(s3, { prefix })
  await writer.ensureBucket()
})
afterAll(() => {
  reader.close()
  writer.close()
})

test('a promotion goes live by itself', async () => {
  const first = await storeModel({ store: writer, seed: 1 })
  await promoteFlowers(writer, first)
  const serving = await startServing({ store: reader, plans: [PLAN], port: 0, pollMs: 50, backend: 'cpu' })
  const ask = async (): Promise<string> => {
    const response = await fetch(`${serving.url}/flowers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"petal": 2, "soil": "loam"}',
    })
    expect(response.status).toBe(200)
    return ((await response.json()) as { model: string }).model
  }
  try {
    expect(await ask()).toBe(first)
    const second = await storeModel({ store: writer, seed: 2 })
    await promoteFlowers(writer, second)
    await expect.poll(ask, { timeout: 10_000 }).toBe(second)
  } finally {
    await serving.close()
  }
})
