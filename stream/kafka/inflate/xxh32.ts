// xxHash of 32 bits, the checksum of lz4 frames.

// the algorithm's five primes
const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f
const P5 = 0x165667b1
const STRIPE_BYTES = 16

export interface Xxh32 {
  /** Takes the next bytes. */
  update(bytes: Uint8Array): void
  /** The hash of all bytes so far, as an unsigned number. */
  digest(): number
}

/** Of one run of bytes. */
export function xxh32(bytes: Uint8Array): number {
  const hash = openXxh32()
  hash.update(bytes)
  return hash.digest()
}

/** With seed 0, as lz4 frames have it. */
export function openXxh32(): Xxh32 {
  const lanes = Int32Array.of((P1 + P2) | 0, P2, 0, -P1 | 0)
  const held = new Uint8Array(STRIPE_BYTES)
  let total = 0
  return {
    update(bytes) {
      const before = total % STRIPE_BYTES
      total += bytes.length
      if (before + bytes.length < STRIPE_BYTES) {
        held.set(bytes, before)
        return
      }
      let at = 0
      if (before > 0) {
        at = STRIPE_BYTES - before
        held.set(bytes.subarray(0, at), before)
        takeStripes(lanes, held, 0, STRIPE_BYTES)
      }
      const end = bytes.length - ((bytes.length - at) % STRIPE_BYTES)
      takeStripes(lanes, bytes, at, end)
      held.set(bytes.subarray(end))
    },
    digest() {
      const [a, b, c, d] = lanes as unknown as readonly [number, number, number, number]
      const start = total < STRIPE_BYTES ? P5 : (rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)) | 0
      return finish((start + total) | 0, held.subarray(0, total % STRIPE_BYTES))
    },
  }
}

function takeStripes(lanes: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  const words = wordsOf(bytes, start, end)
  let [a, b, c, d] = lanes as unknown as readonly [number, number, number, number]
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(rotl((a + Math.imul(words[i]!, P2)) | 0, 13), P1)
    b = Math.imul(rotl((b + Math.imul(words[i + 1]!, P2)) | 0, 13), P1)
    c = Math.imul(rotl((c + Math.imul(words[i + 2]!, P2)) | 0, 13), P1)
    d = Math.imul(rotl((d + Math.imul(words[i + 3]!, P2)) | 0, 13), P1)
  }
  lanes.set([a, b, c, d])
}

/** As they lie in memory, or copied where they lie across words. Little-endian machines only, as Arrow. */
function wordsOf(bytes: Uint8Array, start: number, end: number): Int32Array {
  const at = bytes.byteOffset + start
  if (at % 4 === 0) return new Int32Array(bytes.buffer, at, (end - start) / 4)
  return new Int32Array(new Uint8Array(bytes.subarray(start, end)).buffer)
}

function finish(start: number, rest: Uint8Array): number {
  let hash = start
  let at = 0
  for (; at + 4 <= rest.length; at += 4) hash = Math.imul(rotl((hash + Math.imul(word(rest, at), P3)) | 0, 17), P4)
  for (; at < rest.length; at++) hash = Math.imul(rotl((hash + Math.imul(rest[at]!, P5)) | 0, 11), P1)
  hash = Math.imul(hash ^ (hash >>> 15), P2)
  hash = Math.imul(hash ^ (hash >>> 13), P3)
  return (hash ^ (hash >>> 16)) >>> 0
}

const rotl = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

/** Little-endian. */
const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
