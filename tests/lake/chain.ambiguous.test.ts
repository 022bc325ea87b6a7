// Answers that do not tell whether the entry was written: reading decides, and a commit stands once.
import { describe, expect, it } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import { faultyStore, lost, onCalls, ownExists, resetAfterSuccess, unavailable } from './faulty-store.ts'

const open = (store: Store) => openChain<string>({ store, chain: 'tests/chain' })
const commits = async (store: Store) => (await open(store).entries()).map(({ entry }) => entry.commitId)

describe('an unclear answer', () => {
  it.each([
    ['a reset after success', resetAfterSuccess],
    ['a 412 for its own object', ownExists],
  ])('is success after %s', async (_name, fault) => {
    const store = memoryStore()
    const decided: number[] = []
    const link = await open(faultyStore(store, { put: onCalls([0], fault) })).append({
      commitId: 'mine',
      decide: () => `try ${decided.push(1)}`,
    })
    expect(link).toMatchObject({ committed: true, entry: { version: 1, change: 'try 1' } })
    expect(await commits(store)).toEqual(['mine'])
  })

  it('is tried again when nothing is there', async () => {
    const store = memoryStore()
    const link = await open(faultyStore(store, { put: onCalls([0, 1], lost) })).append({
      commitId: 'mine',
      decide: () => 'x',
    })
    expect(link?.committed).toBe(true)
    expect(await commits(store)).toEqual(['mine'])
  })

  it('ends as unavailable when it persists', async () => {
    const store = memoryStore()
    const appending = open(faultyStore(store, { put: lost })).append({ commitId: 'mine', decide: () => 'x' })
    await expect(appending).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await open(store).head()).toBeNull()
  })

  it('ends as unavailable when reading fails too', async () => {
    const store = memoryStore()
    const silent = faultyStore(store, {
      put: resetAfterSuccess,
      get: async (_real, key) => {
        throw unavailable(key)
      },
    })
    const appending = open(silent).append({ commitId: 'mine', decide: () => 'x' })
    await expect(appending).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    // the next attempt, in another process, finds what the first one left
    const again = await open(store).append({ commitId: 'mine', decide: () => 'x' })
    expect(again).toMatchObject({ committed: false, entry: { version: 1 } })
    expect(await commits(store)).toEqual(['mine'])
  })

  it('finds its commit below foreign ones', async () => {
    const store = memoryStore()
    for (const commitId of ['before', 'mine', 'after 1', 'after 2']) {
      await open(store).append({ commitId, decide: () => commitId })
    }
    for (const since of [0, 1]) {
      const decide = () => expect.unreachable('it must not decide again')
      const link = await open(store).append({ commitId: 'mine', since, decide })
      expect(link).toMatchObject({ committed: false, entry: { version: 2 } })
    }
  })

  it('survives its own late arrival', async () => {
    const store = memoryStore()
    // the first PUT hangs on the wire, is given up, and reaches the store just before the second one does
    let late: (() => Promise<unknown>) | null = null
    const put = (real: Store['putIfAbsent'], key: string, bytes: Uint8Array) => {
      if (late === null) {
        late = () => real(key, bytes)
        return lost(real, key, bytes)
      }
      return late().then(() => real(key, bytes))
    }
    let tries = 0
    const link = await open(faultyStore(store, { put })).append({ commitId: 'mine', decide: () => `try ${++tries}` })
    expect(link).toMatchObject({ committed: true, entry: { version: 1, change: 'try 1' } })
    expect(await open(store).head()).toMatchObject({ ref: link!.ref })
  })
})

describe('an entry that arrives late', () => {
  it('is found before deciding again', async () => {
    const store = memoryStore()
    // the PUT is given up, reading shows nothing, and only then does it reach the store
    let late: (() => Promise<unknown>) | null = null
    const slow = faultyStore(store, {
      put: onCalls([0], (real, key, bytes) => {
        late = () => real(key, bytes)
        return lost(real, key, bytes)
      }),
      async get(real, key) {
        const found = await real(key)
        await late?.()
        late = null
        return found
      },
    })
    let tries = 0
    const link = await open(slow).append({ commitId: 'mine', decide: () => `try ${++tries}` })
    expect(link).toMatchObject({ committed: true, entry: { version: 1, change: 'try 1' } })
    expect(tries).toBe(1)
    expect(await commits(store)).toEqual(['mine'])
  })
})

describe('a refusal', () => {
  it('is not tried again', async () => {
    const refused = Object.assign(new Error('403'), { code: 'STORE_REFUSED' })
    let puts = 0
    const put = async () => {
      puts++
      throw refused
    }
    const appending = open(faultyStore(memoryStore(), { put })).append({ commitId: 'a', decide: () => 'x' })
    await expect(appending).rejects.toBe(refused)
    expect(puts).toBe(1)
  })
})
