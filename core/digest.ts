// sha256 and canonical JSON: the bytes behind every digest.
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** Lower-case hex sha256 of the bytes (strings as UTF-8). */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Canonical JSON of RFC 8785 as UTF-8. Throws on what JSON cannot hold (NaN, Infinity, cycles). */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('canonicalBytes: undefined has no JSON form')
  return new TextEncoder().encode(text)
}

/** sha256 of the canonical JSON of `value`. */
export function digestOf(value: unknown): string {
  return sha256(canonicalBytes(value))
}
