// The store's twin in memory: the same semantics as S3, the 412 included.
import type { Store } from './store.ts'

/** An empty store that lives as long as the object. Bytes are copied in and out, as over a wire. */
export function memoryStore(): Store {
  const objects = new Map<string, Uint8Array>()
  return {
    async get(key) {
      return objects.get(key)?.slice()
    },
    async putIfAbsent(key, bytes) {
      // one turn of the event loop: no await between the check and the write
      if (objects.has(key)) return 'exists'
      objects.set(key, bytes.slice())
      return 'created'
    },
    async *list(prefix, { after = '' } = {}) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix))
      yield* keys.filter((key) => byteOrder(key, after) > 0).sort(byteOrder)
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

/** S3 sorts by UTF-8 bytes; the default order of strings is by UTF-16 units and differs beyond U+D7FF. */
function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
