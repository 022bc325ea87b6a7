// A store through a message port, as ingest threads have it: both ends in one thread.
import { AssertionError } from 'node:assert'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import { failure } from '../../../schemas/failures.ts'
import { serveStore, storeThrough } from '../../../workers/ingest/thread-link.ts'

const open: MessageChannel[] = []
afterEach(() => {
  for (const { port1 } of open.splice(0)) port1.close()
})

function linked(store: Pick<Store, 'putIfAbsent'>): Store {
  const channel = new MessageChannel()
  open.push(channel)
  serveStore(channel.port1, store)
  return storeThrough(channel.port2)
}

test('objects arrive whole, and once', async () => {
  const store = memoryStore()
  const link = linked(store)
  const part = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)
  const outcomes = await Promise.all([
    link.putIfAbsent('a', new Uint8Array([7])),
    link.putIfAbsent('b', part),
    link.putIfAbsent('a', new Uint8Array([8])),
  ])
  expect(outcomes).toEqual(['created', 'created', 'exists'])
  expect(await store.get('a')).toEqual(new Uint8Array([7]))
  expect(await store.get('b')).toEqual(new Uint8Array([1, 2, 3]))
  expect(part).toHaveLength(3) // a view's buffer is not taken away
})

test('failures keep code and facts', async () => {
  const facts = { operation: 'PUT', bucket: 'b', key: 'k', detail: 'away' }
  const link = linked({ putIfAbsent: () => Promise.reject(failure('STORE_UNAVAILABLE', facts)) })
  await expect(link.putIfAbsent('k', new Uint8Array(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', facts })
})

test('broken invariants stay assertions', async () => {
  const link = linked({ putIfAbsent: () => Promise.reject(new AssertionError({ message: 'no' })) })
  await expect(link.putIfAbsent('k', new Uint8Array(1))).rejects.toBeInstanceOf(AssertionError)
})

test('threads do not read the store', async () => {
  expect(() => linked(memoryStore()).get('a')).toThrow(AssertionError)
})
