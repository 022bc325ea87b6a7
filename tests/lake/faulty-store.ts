// A store between the code under test and another store, where a test decides what goes wrong and when.
import type { Store } from '../../lake/store/store.ts'
import { failure } from '../../schemas/failures.ts'

export const unavailable = (key: string) =>
  failure('STORE_UNAVAILABLE', { operation: 'PUT', key, detail: 'no answer, socket hang up' })

type Put = Store['putIfAbsent']
type Get = Store['get']

/** Wraps `store`; `put` and `get` stand in for its methods and receive the real ones. */
export function faultyStore(
  store: Store,
  {
    put,
    get,
  }: {
    put?: (real: Put, ...call: Parameters<Put>) => ReturnType<Put>
    get?: (real: Get, key: string) => ReturnType<Get>
  },
): Store {
  return {
    ...store,
    putIfAbsent: (key, bytes) => (put ? put(store.putIfAbsent, key, bytes) : store.putIfAbsent(key, bytes)),
    get: (key) => (get ? get(store.get, key) : store.get(key)),
  }
}

/** `fault` on the given calls (0 is the first), the real method on all others. */
export function onCalls(calls: readonly number[], fault: (real: Put, ...call: Parameters<Put>) => ReturnType<Put>) {
  let count = 0
  return (real: Put, ...call: Parameters<Put>) => (calls.includes(count++) ? fault(real, ...call) : real(...call))
}

/** Writes, then loses the answer. */
export const resetAfterSuccess = async (real: Put, ...call: Parameters<Put>): Promise<never> => {
  await real(...call)
  throw unavailable(call[0])
}

/** The client's second try after a reset meets its own first: 412 for its own object. */
export const ownExists = async (real: Put, ...call: Parameters<Put>): Promise<'exists'> => {
  await real(...call)
  return 'exists'
}

/** Nothing reaches the store. */
export const lost = async (_real: Put, ...call: Parameters<Put>): Promise<never> => {
  throw unavailable(call[0])
}

/** Nothing goes wrong. */
export const untouched = (real: Put, ...call: Parameters<Put>) => real(...call)
