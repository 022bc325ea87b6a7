// Numbers of binary formats from their bytes, without an object per value.

/** Where a read leaves its number: a typed array, because doubles that functions return are allocated anew. */
export const held = new Float64Array(1)

/** How a value stands in the bytes. A read moves behind it and returns the position there, or −1 when it does not stand there like that. */
export const READ = {
  /** 8 bytes, little-endian */
  double: 0,
  /** 4 bytes, little-endian */
  float: 1,
  /** groups of 7 bits, lowest first; 0, −1, 1, −2 … are 0, 1, 2, 3 … */
  zigzag: 2,
  /** groups of 7 bits, lowest first */
  varint: 3,
  /** the same, for types whose negative numbers are 64 bits: those are left to the other reader */
  signed: 4,
  /** one byte, 0 or 1 */
  boolean: 5,
  /** a length as varint, and so many bytes: `held` is the length, and the bytes end where the read ends */
  bytes: 6,
  /** the same with a zigzag length */
  zigzagBytes: 7,
  /** as many bytes as the step says; `held` as above */
  fixed: 8,
} as const
export type ReadCode = (typeof READ)[keyof typeof READ]

let viewed: ArrayBufferLike | null = null
let view: DataView = new DataView(new ArrayBuffer(0))
let base = 0

/** Call before reading from `bytes`: the view of its memory is kept from record to record. */
export function lookAt(bytes: Buffer): void {
  base = bytes.byteOffset
  if (bytes.buffer === viewed) return
  viewed = bytes.buffer
  view = new DataView(bytes.buffer)
}

/** Reads one value. `size` is that of READ.fixed. */
export function readWire(code: ReadCode, bytes: Buffer, at: number, end: number, size: number): number {
  switch (code) {
    case READ.double:
      return readDouble(at, end)
    case READ.float:
      return readFloat(at, end)
    case READ.zigzag:
      return readZigzag(bytes, at, end)
    case READ.varint:
      return readVarint(bytes, at, end)
    case READ.signed:
      return readSigned(bytes, at, end)
    case READ.boolean:
      return readBoolean(bytes, at, end)
    case READ.bytes:
      return behind(readVarint(bytes, at, end), end)
    case READ.zigzagBytes:
      return behind(readZigzag(bytes, at, end), end)
    case READ.fixed:
      held[0] = size
      return behind(at, end)
  }
}

/** The position behind held[0] bytes from `start`. */
function behind(start: number, end: number): number {
  const length = held[0]!
  return start >= 0 && length >= 0 && length <= end - start ? start + length : -1
}

export function readDouble(at: number, end: number): number {
  if (end - at < 8) return -1
  held[0] = view.getFloat64(base + at, true)
  return at + 8
}

export function readFloat(at: number, end: number): number {
  if (end - at < 4) return -1
  held[0] = view.getFloat32(base + at, true)
  return at + 4
}

function readBoolean(bytes: Buffer, at: number, end: number): number {
  if (at >= end || bytes[at]! > 1) return -1
  held[0] = bytes[at]!
  return at + 1
}

/** −1 also for 2^53 and more, which doubles do not hold exactly. */
export function readVarint(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at]!
  held[0] = first
  return first < 128 ? at + 1 : readLongVarint(bytes, at, end)
}

/** Numbers from 2^31 are left to the other reader: they may be negative. */
export function readSigned(bytes: Buffer, at: number, end: number): number {
  const after = readVarint(bytes, at, end)
  return held[0]! < 0x80000000 ? after : -1
}

export function readZigzag(bytes: Buffer, at: number, end: number): number {
  const after = readVarint(bytes, at, end)
  const value = held[0]!
  if (value < 0x40000000) held[0] = (value >>> 1) ^ -(value & 1)
  else held[0] = value % 2 === 1 ? -(value + 1) / 2 : value / 2
  return after
}

/**
 * Copies `count` numbers of 4 or 8 bytes to values[to …]; the position behind them.
 * −1 when the bytes end before, or when one is outside [min, max]: then some may have been copied.
 */
export function copyNumbers(
  { isDouble, end, min, max }: { isDouble: boolean; end: number; min: number; max: number },
  at: number,
  values: Uint8Array | Float32Array,
  to: number,
  count: number,
): number {
  const size = isDouble ? 8 : 4
  if (end - at < count * size) return -1
  const start = base + at
  for (let i = 0; i < count; i++) {
    const x = isDouble ? view.getFloat64(start + i * 8, true) : view.getFloat32(start + i * 4, true)
    if (!(x >= min && x <= max)) return -1
    values[to + i] = x
  }
  return at + count * size
}

/** Two bytes and more: 28 bits in one integer, the rest in a second one. */
function readLongVarint(bytes: Buffer, at: number, end: number): number {
  let low = 0
  let i = at
  for (let shift = 0; shift < 28; shift += 7) {
    if (i >= end) return -1
    const byte = bytes[i++]!
    low |= (byte & 127) << shift
    if (byte < 128) {
      held[0] = low
      return i
    }
  }
  let high = 0
  for (let shift = 0; shift < 28; shift += 7) {
    if (i >= end) return -1
    const byte = bytes[i++]!
    high |= (byte & 127) << shift
    if (byte < 128) {
      held[0] = high * 0x10000000 + low
      return high < 0x2000000 ? i : -1
    }
  }
  return -1
}

/** The position behind a varint of any size up to 10 bytes. */
export function skipVarint(bytes: Buffer, at: number, end: number): number {
  const last = Math.min(end, at + 10)
  for (let i = at; i < last; i++) if (bytes[i]! < 128) return i + 1
  return -1
}
