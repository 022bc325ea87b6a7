// Protocol buffer fields as bytes: the kinds that TensorFlow's graph and event files need. Format: https://protobuf.dev/programming-guides/encoding

const VARINT = 0
const LENGTH = 2
const FIXED64 = 1
const FIXED32 = 5

export type Bytes = Uint8Array

/** An unsigned or negative integer; negative ones take ten bytes, as two's complement of 64 bits. */
export function varint(value: number): Bytes {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 128)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}

export function integerField(field: number, value: number): Bytes {
  return concat([tag(field, VARINT), varint(value)])
}

export function floatField(field: number, value: number): Bytes {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return concat([tag(field, FIXED32), bytes])
}

export function doubleField(field: number, value: number): Bytes {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return concat([tag(field, FIXED64), bytes])
}

/** A string, bytes, a message or a packed list. */
export function bytesField(field: number, value: Bytes | string): Bytes {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return concat([tag(field, LENGTH), varint(bytes.length), bytes])
}

export function concat(parts: readonly Bytes[]): Bytes {
  return Buffer.concat(parts)
}

function tag(field: number, wireType: number): Bytes {
  return varint(field * 8 + wireType)
}
