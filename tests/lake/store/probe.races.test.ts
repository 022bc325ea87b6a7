// The probe accepts stores where one writer wins and refuses all others.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import { probeMultipart, probeStore } from '../../../lake/store/probe.ts'
import type { Store } from '../../../lake/store/store.ts'
import { failure } from '../../../schemas/failures.ts'
import { unavailable } from '../faulty-store.ts'

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _key of store.list('')) return false
  return true
}

/** Looks, then writes in a later turn: the race of servers that do it in two steps. */
function racingStore(): Store {
  let store = memoryStore()
  return {
    ...store,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    async putIfAbsent(key, bytes) {
      if ((await store.get(key)) !== undefined) return 'exists'
      store = memoryStore()
      return store.putIfAbsent(key, bytes)
    },
  }
}

describe('the probe', () => {
  it('accepts a sound store, leaving nothing', async () => {
    const store = memoryStore()
    await probeStore(store)
    expect(await isEmpty(store)).toBe(true)
  })
  it('refuses a store that races', async () => {
    const store = racingStore()
    const probing = probeStore(store, { writers: 4, bucket: 'lake' })
    await expect(probing).rejects.toMatchObject({
      code: 'STORE_RACES',
      facts: { bucket: 'lake', writers: 4, winners: 4 },
    })
    expect(await isEmpty(store)).toBe(true)
  })
  it('refuses a store where nobody wins', async () => {
    const probing = probeStore({ ...memoryStore(), putIfAbsent: async () => 'exists' })
    await expect(probing).rejects.toMatchObject({ code: 'STORE_RACES', facts: { winners: 0 } })
  })
  it('refuses a store that keeps a loser', async () => {
    const store = memoryStore()
    const probing = probeStore({ ...store, get: async () => Buffer.from('somebody') })
    await expect(probing).rejects.toMatchObject({ code: 'STORE_RACES' })
  })
  it('says when the store is away', async () => {
    const store = memoryStore()
    const probing = probeStore({
      ...store,
      async putIfAbsent(key) {
        throw unavailable(key)
      },
    })
    await expect(probing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('the probe of multipart uploads', () => {
  it('finds one winner', async () => {
    expect(await probeMultipart(memoryStore())).toBe('one wins')
  })
  it('finds that everybody wins', async () => {
    expect(await probeMultipart(racingStore())).toBe('overwrites')
  })
  it('finds that there are none', async () => {
    const putIfAbsent = async (key: string) => {
      throw failure('STORE_REFUSED', { operation: 'PUT', key, detail: '501, NotImplemented' })
    }
    expect(await probeMultipart({ ...memoryStore(), putIfAbsent })).toBe('refused')
  })
})
