// Content-addressed objects: written once under the digest of their bytes, verified whenever they are read.
import { canonicalBytes, sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import type { Store } from './store.ts'

/**
 * Writes `bytes` under `<kind>/<first two digits>/<sha256>.<extension>`. Writing the same bytes again is a no-op:
 * 'exists' needs no look at what is there, because the key is the content and every reader verifies it.
 */
export async function putObject(store: Store, object: NewObject): Promise<ObjectRef> {
  const ref = refOf(object)
  await store.putIfAbsent(ref.key, object.bytes)
  return ref
}

export interface NewObject {
  readonly kind: string
  readonly extension: string
  readonly bytes: Uint8Array
}

/** What putObject returns, before anything is written. */
export function refOf({ kind, extension, bytes }: NewObject): ObjectRef {
  const digest = sha256(bytes)
  return { key: objectKey(kind, digest, extension), sha256: digest, bytes: bytes.byteLength }
}

/** Writes `value` as canonical JSON, so that equal values are one object. */
export function putJson(store: Store, { kind, value }: { kind: string; value: unknown }): Promise<ObjectRef> {
  return putObject(store, { kind, extension: 'json', bytes: canonicalBytes(value) })
}

/** The bytes of `ref`, verified. Throws OBJECT_MISSING or OBJECT_CORRUPT. */
export async function readObject(store: Store, ref: Pick<ObjectRef, 'key' | 'sha256'>): Promise<Uint8Array> {
  const bytes = await store.get(ref.key)
  if (bytes === undefined) throw failure('OBJECT_MISSING', { key: ref.key })
  const found = sha256(bytes)
  if (found !== ref.sha256) throw failure('OBJECT_CORRUPT', { key: ref.key, expected: ref.sha256, found })
  return bytes
}

/** The JSON value of `ref`, its bytes verified; its shape is the caller's promise. */
export async function readJson<T>(store: Store, ref: Pick<ObjectRef, 'key' | 'sha256'>): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readObject(store, ref))) as T
}
