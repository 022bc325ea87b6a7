// The ids of windows in the store: hashes apart from what decides between equal ones, which is asked for seldom.
import { strict as assert } from 'node:assert'
import type { Arrivals } from '../../clean/first-rows.ts'
import { HASH_WORDS } from '../../clean/hash128.ts'
import type { IdEntries } from '../../clean/id-entries.ts'
import { putObject, readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { ObjectRef } from '../../schemas/segment.ts'

/** Of one window. */
export interface KeptIds {
  readonly count: number
  /** HASH_WORDS unsigned 32-bit words for each id, little endian */
  readonly hashes: ObjectRef
  /** for each id its time, then for each its offset (64-bit floats), then for each its version (unsigned, 32 bits); little endian */
  readonly places: ObjectRef
}

const PLACE_BYTES = 8 + 8 + 4

export async function keepIds(store: Store, { count, hashes, times, offsets, versions }: IdEntries): Promise<KeptIds> {
  const places = new Uint8Array(count * PLACE_BYTES)
  places.set(bytesOf(times), 0)
  places.set(bytesOf(offsets), 8 * count)
  places.set(bytesOf(versions), 16 * count)
  const [keptHashes, keptPlaces] = await Promise.all([put(store, bytesOf(hashes)), put(store, places)])
  return { count, hashes: keptHashes, places: keptPlaces }
}

const put = (store: Store, bytes: Uint8Array): Promise<ObjectRef> =>
  putObject(store, { kind: 'ids', extension: 'bin', bytes })

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readHashes(store: Store, { count, hashes }: KeptIds): Promise<Uint32Array> {
  const buffer = bufferOf(await readObject(store, hashes))
  assert(buffer.byteLength === 4 * HASH_WORDS * count, `${hashes.key} holds ${count} hashes`)
  return new Uint32Array(buffer)
}

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readArrivals(store: Store, { count, places }: KeptIds, partition: number): Promise<Arrivals> {
  const buffer = bufferOf(await readObject(store, places))
  assert(buffer.byteLength === PLACE_BYTES * count, `${places.key} holds ${count} places`)
  return {
    partition,
    times: new Float64Array(buffer, 0, count),
    offsets: new Float64Array(buffer, 8 * count, count),
    versions: new Uint32Array(buffer, 16 * count, count),
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

/** Typed arrays begin at multiples of their width, which bytes of a store need not. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
