// A store to try something in: it reads what is there, and what is written stays in this process and goes with it.
import { memoryStore } from './memory.ts'
import type { Store } from './store.ts'

/**
 * Nothing ever reaches `base`. Lists hold what was written here alone, so that nothing is gone on from that another process began.
 * `isDropped`: keys whose bytes are not kept, since nobody reads them back, or since they lie in `base` already.
 */
export function scratchOver(base: Store, isDropped: (key: string) => boolean): Store {
  const own = memoryStore()
  return {
    get: async (key) => (await own.get(key)) ?? (await base.get(key)),
    putIfAbsent: async (key, bytes) => (isDropped(key) ? 'created' : await own.putIfAbsent(key, bytes)),
    list: (prefix, options) => own.list(prefix, options),
    delete: (key) => own.delete(key),
  }
}
