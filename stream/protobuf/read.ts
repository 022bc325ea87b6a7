// Protobuf's wire format → values: https://protobuf.dev/programming-guides/encoding/
import protobuf from 'protobufjs'
import { CLOCKS, exactMillisecondsOf, TIMESTAMP } from '../../core/rule.ts'
import { Misfit } from '../../core/values.ts'
import type { ColumnKind } from '../../schemas/columns.ts'
import {
  type Cursor,
  plain,
  readBigVarint,
  readDouble,
  readFloat,
  readVarint,
  readZigzag,
  take,
} from '../bytes/cursor.ts'
import { textReader } from '../bytes/read-text.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import { fullName } from './schema.ts'

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

export interface ScalarReader {
  readonly wire: number
  read(cursor: Cursor): unknown
}

const MAX_DEPTH = 64

/** 64 bits as they are, signed. */
function readSigned(cursor: Cursor, bits: 32 | 64): number | bigint {
  const start = cursor.at
  const value = readVarint(cursor)
  if (value < 2 ** 31) return value
  cursor.at = start
  return plain(BigInt.asIntN(bits, readBigVarint(cursor)))
}

function readUnsigned(cursor: Cursor): number | bigint {
  const start = cursor.at
  const value = readVarint(cursor)
  if (value <= Number.MAX_SAFE_INTEGER) return value
  cursor.at = start
  return plain(readBigVarint(cursor))
}

const { varint, fixed32, fixed64, bytes } = WIRE

const SCALARS: Readonly<Record<string, ScalarReader>> = {
  int32: { wire: varint, read: (cursor) => readSigned(cursor, 32) },
  int64: { wire: varint, read: (cursor) => readSigned(cursor, 64) },
  uint32: { wire: varint, read: readUnsigned },
  uint64: { wire: varint, read: readUnsigned },
  sint32: { wire: varint, read: readZigzag },
  sint64: { wire: varint, read: readZigzag },
  bool: { wire: varint, read: (cursor) => readVarint(cursor) !== 0 },
  fixed32: { wire: fixed32, read: (cursor) => cursor.bytes.readUInt32LE(take(cursor, 4)) },
  sfixed32: { wire: fixed32, read: (cursor) => cursor.bytes.readInt32LE(take(cursor, 4)) },
  float: { wire: fixed32, read: readFloat },
  fixed64: { wire: fixed64, read: (cursor) => plain(cursor.bytes.readBigUInt64LE(take(cursor, 8))) },
  sfixed64: { wire: fixed64, read: (cursor) => plain(cursor.bytes.readBigInt64LE(take(cursor, 8))) },
  double: { wire: fixed64, read: readDouble },
  bytes: { wire: bytes, read: readView },
}

/** Valid during the call, as the record is. */
function readView(cursor: Cursor): Uint8Array {
  const length = readVarint(cursor)
  const start = take(cursor, length)
  return cursor.bytes.subarray(start, start + length)
}

/** How one value of a field is read for a column of this kind. Enums become the names of their values. */
export function scalarReader(field: protobuf.Field, kind: ColumnKind): ScalarReader {
  const type = field.resolvedType
  if (type instanceof protobuf.Enum) {
    const { valuesById } = type
    const read = (cursor: Cursor): unknown => {
      const value = Number(readSigned(cursor, 32))
      return valuesById[value] ?? value
    }
    return { wire: varint, read }
  }
  if (type instanceof protobuf.Type) {
    if (fullName(type) === 'google.protobuf.Timestamp' && kind === 'time') return { wire: bytes, read: readTimestamp }
    const found = new Misfit('one value', `message ${fullName(type)}: "from" reaches into it`)
    const read = (cursor: Cursor): Misfit => {
      readView(cursor)
      return found
    }
    return { wire: bytes, read }
  }
  if (field.type === 'string') return { wire: bytes, read: textReader(readVarint, kind) }
  return SCALARS[field.type]!
}

/** Timestamp: int64 seconds = 1, int32 nanos = 2, always counted forwards. One beyond its own limits is a Misfit: it would be another time. */
function readTimestamp(cursor: Cursor): Date | Misfit {
  const length = readVarint(cursor)
  const end = take(cursor, length) + length
  cursor.at = end - length
  let seconds: number | bigint = 0
  let nanos: number | bigint = 0
  while (cursor.at < end) {
    const tag = readVarint(cursor)
    if (tag === 8) seconds = readSigned(cursor, 64)
    else if (tag === 16) nanos = readSigned(cursor, 32)
    else skipField(cursor, tag)
  }
  if (cursor.at !== end) throw new BytesProblem('expected a Timestamp, found one that ends too early')
  const { minSeconds, maxSeconds, maxNanos } = TIMESTAMP
  if (seconds < minSeconds || seconds > maxSeconds)
    return new Misfit('a Timestamp of the years 1 to 9999', `${seconds} seconds`)
  if (nanos < 0 || nanos > maxNanos) return new Misfit(`a Timestamp with 0 to ${maxNanos} nanos`, `${nanos} nanos`)
  return new Date(exactMillisecondsOf(seconds, CLOCKS.s) + exactMillisecondsOf(nanos, CLOCKS.ns))
}

/** Moves the cursor behind the value of a tag that has been read. */
export function skipField(cursor: Cursor, tag: number, depth = 1): void {
  switch (tag % 8) {
    case WIRE.varint:
      readVarint(cursor)
      return
    case WIRE.fixed64:
      take(cursor, 8)
      return
    case WIRE.bytes:
      take(cursor, readVarint(cursor))
      return
    case WIRE.fixed32:
      take(cursor, 4)
      return
    case WIRE.startGroup: {
      if (depth > MAX_DEPTH) throw new BytesProblem(`expected at most ${MAX_DEPTH} levels, found more`)
      const end = tag + 1
      for (let inner = readVarint(cursor); inner !== end; inner = readVarint(cursor))
        skipField(cursor, inner, depth + 1)
      return
    }
    default:
      throw new BytesProblem(`expected a field, found tag ${tag}`)
  }
}
