// Chains that were tampered with are refused, with both keys named.
import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../core/digest.ts'
import { openChain } from '../../lake/chain.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import { chainKey } from '../../schemas/ids.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'

const CHAIN = 'tests/chain'
const open = (store: Store) => openChain<string>({ store, chain: CHAIN })

async function chainOf(length: number): Promise<Store> {
  const store = memoryStore()
  for (let i = 1; i <= length; i++) await open(store).append({ commitId: `c${i}`, decide: () => `change ${i}` })
  return store
}

async function entryAt(store: Store, version: number): Promise<ChainEntry<string>> {
  return JSON.parse(Buffer.from((await store.get(chainKey(CHAIN, version)))!).toString()) as ChainEntry<string>
}

async function replace(store: Store, version: number, bytes: Uint8Array): Promise<void> {
  await store.delete(chainKey(CHAIN, version))
  await store.putIfAbsent(chainKey(CHAIN, version), bytes)
}

const brokenBetween = (first: number, second: number) => ({
  code: 'CHAIN_BROKEN',
  facts: { chain: CHAIN, first: chainKey(CHAIN, first), second: chainKey(CHAIN, second) },
})

describe('a broken chain', () => {
  it('is refused when it skips', async () => {
    const store = await chainOf(5)
    await store.delete(chainKey(CHAIN, 3))
    await expect(open(store).head()).rejects.toMatchObject(brokenBetween(2, 4))
    await expect(open(store).entries()).rejects.toMatchObject(brokenBetween(2, 4))
    const appending = open(store).append({ commitId: 'x', decide: () => 'x' })
    await expect(appending).rejects.toMatchObject(brokenBetween(2, 4))
    expect(await store.get(chainKey(CHAIN, 3))).toBeUndefined()
  })

  it('is refused when its start is gone', async () => {
    const store = await chainOf(2)
    await store.delete(chainKey(CHAIN, 1))
    await expect(open(store).head()).rejects.toMatchObject(brokenBetween(1, 2))
  })

  it('is refused when an entry was replaced', async () => {
    const store = await chainOf(4)
    await replace(store, 2, canonicalBytes({ ...(await entryAt(store, 2)), change: 'forged' }))
    await expect(open(store).entries()).rejects.toMatchObject(brokenBetween(2, 3))
  })

  it('is refused when its newest entry forks off', async () => {
    const store = await chainOf(3)
    const { parent } = await entryAt(store, 2)
    await replace(store, 3, canonicalBytes({ ...(await entryAt(store, 3)), parent }))
    await expect(open(store).head()).rejects.toMatchObject(brokenBetween(2, 3))
  })

  it('is refused when it starts with a parent', async () => {
    const store = await chainOf(1)
    await replace(store, 1, canonicalBytes({ ...(await entryAt(store, 1)), parent: '00' }))
    await expect(open(store).head()).rejects.toMatchObject({ code: 'CHAIN_BROKEN' })
  })

  it.each([
    ['no JSON', () => Buffer.from('{"version":')],
    ['no text', () => Buffer.from([0xff, 0xfe])],
    ['no entry', () => canonicalBytes([])],
    ['null', () => canonicalBytes(null)],
    ['another version', (entry: ChainEntry<string>) => canonicalBytes({ ...entry, version: 7 })],
    ['spaces', (entry: ChainEntry<string>) => Buffer.from(JSON.stringify(entry, null, 1))],
  ])('is refused when an entry holds %s', async (_name, forge) => {
    const store = await chainOf(3)
    await replace(store, 3, forge(await entryAt(store, 3)))
    await expect(open(store).head()).rejects.toMatchObject(brokenBetween(2, 3))
  })

  it('is noticed by an object that read it', async () => {
    const store = await chainOf(3)
    const chain = open(store)
    await chain.head()
    const forged: ChainEntry<string> = { version: 4, parent: '00', commitId: 'x', change: 'x' }
    await store.putIfAbsent(chainKey(CHAIN, 4), canonicalBytes(forged))
    await expect(chain.head()).rejects.toMatchObject(brokenBetween(3, 4))
  })

  it('is refused beyond its end', async () => {
    await expect(open(await chainOf(2)).entries({ upTo: 3 })).rejects.toMatchObject(brokenBetween(2, 3))
  })
})

describe('a whole chain', () => {
  it('is empty before its first entry', async () => {
    expect(await open(memoryStore()).head()).toBeNull()
    expect(await open(memoryStore()).entries()).toEqual([])
  })

  it('is not confused by other keys', async () => {
    const store = await chainOf(2)
    for (const key of [`${CHAIN}/_latest`, `${CHAIN}/notes.txt`, `${CHAIN}-2/${'0'.repeat(20)}.json`]) {
      await store.putIfAbsent(key, Buffer.from('{}'))
    }
    expect(await open(store).entries()).toHaveLength(2)
  })

  it('reads up to a version', async () => {
    const chain = open(await chainOf(4))
    expect((await chain.entries({ upTo: 2 })).map(({ ref }) => ref.version)).toEqual([1, 2])
    expect(await chain.entries()).toHaveLength(4)
    expect(await chain.entries({ upTo: 3 })).toHaveLength(3)
  })

  it('reads the same for callers at once', async () => {
    const chain = open(await chainOf(4))
    const [one, again, two] = await Promise.all([chain.entries(), chain.entries(), chain.entries({ upTo: 3 })])
    expect(again).toEqual(one)
    expect(two).toEqual(one.slice(0, 3))
    await chain.append({ commitId: 'c5', decide: () => 'change 5' })
    expect((await chain.entries()).map(({ ref }) => ref.version)).toEqual([1, 2, 3, 4, 5])
  })

  it('sees what others append later', async () => {
    const store = await chainOf(1)
    const chain = open(store)
    await chain.entries()
    for (const commitId of ['x', 'y', 'z']) await open(store).append({ commitId, decide: () => commitId })
    expect((await chain.head())?.entry.commitId).toBe('z')
    expect((await chain.entries()).map(({ entry }) => entry.commitId)).toEqual(['c1', 'x', 'y', 'z'])
  })
})
