// Chains on a real S3 server: many writers, broken connections, one gapless chain with each commit once.
import { randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { openChain } from '../../lake/chain.ts'
import { commitSnapshot, headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Store } from '../../lake/store/store.ts'
import { isFailure } from '../../schemas/failures.ts'
import { range, result, SOURCE } from './snapshot-builders.ts'
import { startCuttingProxy } from './store/cutting-proxy.ts'

const s3 = inject('endpoints').s3
const prefix = `tests/${randomUUID()}/`
const store = openS3Store(s3, { prefix })

beforeAll(() => store.ensureBucket())
afterAll(() => store.close())

/** What Temporal does with a retryable failure, without its pauses. */
async function untilDone<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries >= 50 || !(isFailure(error, 'STORE_UNAVAILABLE') || isFailure(error, 'CHAIN_CONFLICT'))) throw error
    }
  }
}

/** `writers` × `each` appends at once; every writer is a process of its own as far as the chain can tell. */
async function appendAll(chain: string, stores: readonly Store[], each: number): Promise<string[]> {
  const names = stores.flatMap((_, who) => Array.from({ length: each }, (_, i) => `${who}/${i}`))
  const write = async (writer: Store, who: number) => {
    for (let i = 0; i < each; i++) {
      const commitId = `${who}/${i}`
      await untilDone(() => openChain<string>({ store: writer, chain }).append({ commitId, decide: () => commitId }))
    }
  }
  await Promise.all(stores.map(write))
  return names.sort()
}

async function commitsOf(chain: string): Promise<string[]> {
  const links = await openChain<string>({ store, chain }).entries()
  expect(links.map(({ ref }) => ref.version)).toEqual(links.map((_, i) => i + 1))
  return links.map(({ entry }) => entry.commitId).sort()
}

describe('a chain on S3', () => {
  it('holds every commit of many writers once', async () => {
    const written = await appendAll(
      'many',
      Array.from({ length: 6 }, () => store),
      4,
    )
    expect(await commitsOf('many')).toEqual(written)
  })

  it('holds every commit despite broken connections', async () => {
    const seed = randomInt(2 ** 31)
    const proxy = await startCuttingProxy({ target: s3.endpoint!, share: 0.08, random: seededRandom(seed) })
    const stores = Array.from({ length: 4 }, () => openS3Store({ ...s3, endpoint: proxy.endpoint }, { prefix }))
    try {
      const written = await appendAll('cut', stores, 8)
      expect(await commitsOf('cut'), `seed ${seed}`).toEqual(written)
      expect(Math.min(proxy.cuts.before, proxy.cuts.after), `seed ${seed}`).toBeGreaterThan(0)
    } finally {
      for (const each of stores) each.close()
      await proxy.close()
    }
  })
})

describe('two runs on S3', () => {
  it('commit one gapless snapshot', async () => {
    const run = (who: string, step: number) =>
      untilDone(async () => {
        for (;;) {
          const head = await headSnapshot({ store, source: SOURCE })
          const start = head?.coverage[0]?.end ?? 0
          if (start >= 60) return
          const results = [result(range(0, start, Math.min(60, start + step)))]
          const expectedHead = head?.snapshot ?? null
          await commitSnapshot({ store, source: SOURCE, results, commitId: `${who}/${start}`, expectedHead })
        }
      })
    await Promise.all([run('a', 7), run('b', 11)])
    const head = await headSnapshot({ store, source: SOURCE })
    expect(head).toMatchObject({ snapshot: { rows: 60 }, coverage: [{ partition: 0, start: 0, end: 60 }] })
    const { segments } = await snapshotSegments({ store, snapshot: head!.snapshot })
    const starts = segments.map((segment) => segment.range.start)
    expect(starts).toEqual([0, ...segments.slice(0, -1).map((segment) => segment.range.end)])
  })
})
