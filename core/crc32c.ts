// CRC-32C (Castagnoli), the checksum of Kafka's record batches and of TensorBoard's records: native where it loads, else JavaScript.
import { createRequire } from 'node:module'

type Crc = (bytes: Uint8Array) => number

// CRC-32C's polynomial 0x1EDC6F41, bits reversed
const POLYNOMIAL = 0x82f63b78

let chosen: Crc | undefined

/** CRC-32C of the bytes as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  chosen ??= nativeCrc() ?? crc32cInJavaScript
  return chosen(bytes)
}

/** The same in JavaScript, eight bytes at a time ("slicing-by-8", Kounavis and Berry 2005): about a fifth of the native speed. */
export function crc32cInJavaScript(bytes: Uint8Array): number {
  tables ??= makeTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables
  let crc = -1
  let i = 0
  for (const last = bytes.length - 7; i < last; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    crc =
      t7![low & 255]! ^
      t6![(low >>> 8) & 255]! ^
      t5![(low >>> 16) & 255]! ^
      t4![low >>> 24]! ^
      t3![bytes[i + 4]!]! ^
      t2![bytes[i + 5]!]! ^
      t1![bytes[i + 6]!]! ^
      t0![bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0![(crc ^ bytes[i]!) & 255]!
  return (crc ^ -1) >>> 0
}

function nativeCrc(): Crc | undefined {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Crc }).crc32c
  } catch {
    return undefined // no prebuilt binary for this platform
  }
}

let tables: readonly Uint32Array[] | undefined

function makeTables(): readonly Uint32Array[] {
  const made = Array.from({ length: 8 }, () => new Uint32Array(256))
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[0]![i] = crc >>> 0
  }
  for (let t = 1; t < 8; t++) {
    for (let i = 0; i < 256; i++) made[t]![i] = (made[t - 1]![i]! >>> 8) ^ made[0]![made[t - 1]![i]! & 255]!
  }
  return made
}
