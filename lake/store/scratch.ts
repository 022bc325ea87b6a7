// A store to try something in: it reads what is there, and what is written stays in this process and goes with it.
import { memoryStore } from './memory.ts'
import type { Store } from './store.ts'

export interface ScratchOptions {
  /** Keys of the store below that are hidden, as if nobody had written them. */
  readonly isHidden: (key: string) => boolean
  /** Keys whose bytes are not kept: what nobody reads back, or what lies below already. */
  readonly isDropped: (key: string) => boolean
}

/** Nothing ever reaches `base`. */
export function scratchOver(base: Store, { isHidden, isDropped }: ScratchOptions): Store {
  const own = memoryStore()
  return {
    async get(key) {
      return (await own.get(key)) ?? (isHidden(key) ? undefined : await base.get(key))
    },
    async putIfAbsent(key, bytes) {
      return isDropped(key) ? 'created' : await own.putIfAbsent(key, bytes)
    },
    list: (prefix, options) => own.list(prefix, options),
    delete: (key) => own.delete(key),
  }
}
