// The store's twin in memory: the same semantics as S3, the 412 included.
import type { ListingStore } from './store.ts'

/** An empty store that lives as long as the object. Bytes are copied in and out, as over a wire. `now`: its clock. */
export function memoryStore({ now = Date.now }: { readonly now?: () => number } = {}): ListingStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()
  const keysUnder = (prefix: string): string[] =>
    [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(byteOrder)
  return {
    async get(key) {
      return objects.get(key)?.bytes.slice()
    },
    async putIfAbsent(key, bytes) {
      // one turn of the event loop: no await between the check and the write
      if (objects.has(key)) return 'exists'
      objects.set(key, { bytes: bytes.slice(), modifiedMs: now() })
      return 'created'
    },
    async *list(prefix, { after = '' } = {}) {
      yield* keysUnder(prefix).filter((key) => byteOrder(key, after) > 0)
    },
    async *objects(prefix) {
      for (const key of keysUnder(prefix)) {
        const object = objects.get(key)
        if (object) yield { key, bytes: object.bytes.byteLength, modifiedMs: object.modifiedMs }
      }
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
