// The key of personal data: what is hashed with it cannot be found by trying values, without the key.
import { createHmac, createSecretKey } from 'node:crypto'

export interface PersonalKey {
  /** 12 hex digits that tell keys apart and say nothing about them */
  readonly id: string
  /** HMAC-SHA-256 (RFC 2104, FIPS 180-4), 32 bytes: equal values have equal hashes, in every column and source of the key */
  hash(value: Uint8Array): Buffer
}

/** Bytes that an attacker would have to guess. */
export const MIN_KEY_BYTES = 32

/** `secret`: at least MIN_KEY_BYTES bytes of UTF-8. The object does not show it. */
export function openPersonalKey(secret: string): PersonalKey {
  const key = createSecretKey(Buffer.from(secret))
  const hash = (value: Uint8Array): Buffer => createHmac('sha256', key).update(value).digest()
  return { id: hash(Buffer.from('sluice personal key')).toString('hex', 0, 6), hash }
}
