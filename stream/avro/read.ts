// Avro's binary encoding → values, one compiled reader per type: https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
import { Misfit } from '../../core/values.ts'
import type { ColumnKind } from '../../schemas/columns.ts'
import { type Cursor, readDouble, readFloat, readZigzag, take } from '../bytes/cursor.ts'
import { textReader } from '../bytes/read-text.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import { matchingBranch, promotes } from './resolve.ts'
import type { AvroPrimitive, AvroRecord, AvroType } from './schema.ts'
import { meaningOf } from './values.ts'

export type Read = (cursor: Cursor) => unknown
export type Skip = (cursor: Cursor) => void

/** Records in each other, as deep as JSON may be nested. */
const MAX_DEPTH = 64
/** Elements that take no bytes, such as nulls. */
const MAX_EMPTY_ELEMENTS = 1024

/** A length or an index: never more than the bytes that are there. */
export function readCount(cursor: Cursor): number {
  const count = readZigzag(cursor)
  if (typeof count === 'number') return count
  throw new BytesProblem(`expected a length, found ${count}`)
}

/** Reads a value written as `writer` the way `reader` sees it, for a column of this kind. What cannot be becomes a Misfit. */
export function valueReader(writer: AvroType, reader: AvroType, kind: ColumnKind): Read {
  if (writer.type === 'union') {
    const reads = writer.branches.map((branch) => valueReader(branch, reader, kind))
    return (cursor) => branchOf(reads, cursor)(cursor)
  }
  const target = reader.type === 'union' ? matchingBranch(writer, reader.branches) : reader
  if (target === undefined || !promotes(writer, target)) {
    return misfit(writer, new Misfit(`a writer's type that becomes ${nameOf(reader)}`, nameOf(writer)))
  }
  const read = storedReader(writer, target, kind)
  const meaning = meaningOf(target, kind)
  return meaning === null ? read : (cursor) => meaning(read(cursor))
}

function misfit(writer: AvroType, value: Misfit): Read {
  const skip = skipOf(writer)
  return (cursor) => {
    skip(cursor)
    return value
  }
}

/** The branch that the next bytes name. */
export function branchOf<T>(branches: readonly T[], cursor: Cursor): T {
  const index = readCount(cursor)
  const branch = branches[index]
  if (branch === undefined) throw new BytesProblem(`expected one of ${branches.length} branches, found ${index}`)
  return branch
}

function storedReader(writer: AvroType, target: AvroType, kind: ColumnKind): Read {
  switch (writer.type) {
    case 'fixed':
      return (cursor) => view(cursor, writer.size)
    case 'enum':
      return enumReader(writer.symbols, target.type === 'enum' ? target : writer)
    case 'array':
      return listReader(valueReader(writer.items, target.type === 'array' ? target.items : writer.items, kind))
    case 'record':
    case 'map':
    case 'union':
      return misfit(writer, new Misfit('one value', `${nameOf(writer)}: "from" reaches into it`))
    default:
      return primitiveReader(writer.type, target.type, kind)
  }
}

function primitiveReader(type: AvroPrimitive, as: AvroType['type'], kind: ColumnKind): Read {
  switch (type) {
    case 'null':
      return () => null
    case 'boolean':
      return readBoolean
    case 'int':
    case 'long':
      return readZigzag // exact, as a float too: the column judges what it can hold
    case 'float':
      return readFloat
    case 'double':
      return readDouble
    case 'bytes':
    case 'string':
      return as === 'bytes' ? (cursor) => view(cursor, readCount(cursor)) : textReader(readCount, kind)
  }
}

function readBoolean(cursor: Cursor): boolean {
  const byte = cursor.bytes[take(cursor, 1)]!
  if (byte > 1) throw new BytesProblem(`expected a boolean, found byte ${byte}`)
  return byte === 1
}

/** Valid during the call, as the record is. */
function view(cursor: Cursor, length: number): Uint8Array {
  const start = take(cursor, length)
  return cursor.bytes.subarray(start, start + length)
}

function enumReader(
  symbols: readonly string[],
  reader: { readonly symbols: readonly string[]; readonly default: string | undefined },
): Read {
  const values = symbols.map((symbol) => {
    if (reader.symbols.includes(symbol)) return symbol
    return reader.default ?? new Misfit(`one of ${reader.symbols.join(', ')}`, symbol)
  })
  return (cursor) => branchOf(values, cursor)
}

function listReader(read: Read): Read {
  return (cursor) => {
    const values: unknown[] = []
    eachElement(cursor, () => values.push(read(cursor)))
    return values
  }
}

/** Blocks of a count and so many elements; a negative count is followed by the block's bytes; 0 ends. */
export function eachElement(cursor: Cursor, element: () => void): void {
  let empty = 0
  for (;;) {
    let count = readCount(cursor)
    if (count === 0) return
    if (count < 0) {
      count = -count
      readCount(cursor)
    }
    for (let i = 0; i < count; i++) {
      const before = cursor.at
      element()
      if (cursor.at === before && ++empty > MAX_EMPTY_ELEMENTS)
        throw new BytesProblem(`expected at most ${MAX_EMPTY_ELEMENTS} elements without bytes, found ${count}`)
    }
  }
}

/** Moves the cursor behind a value of the type. */
export function skipOf(type: AvroType, known = new Map<AvroRecord, Skip>()): Skip {
  switch (type.type) {
    case 'null':
      return () => {}
    case 'boolean':
      return (cursor) => void take(cursor, 1)
    case 'int':
    case 'long':
      return (cursor) => void readZigzag(cursor)
    case 'enum': {
      const { symbols } = type
      return (cursor) => void branchOf(symbols, cursor)
    }
    case 'float':
      return (cursor) => void take(cursor, 4)
    case 'double':
      return (cursor) => void take(cursor, 8)
    case 'bytes':
    case 'string':
      return (cursor) => void take(cursor, readCount(cursor))
    case 'fixed': {
      const { size } = type
      return (cursor) => void take(cursor, size)
    }
    case 'union': {
      const skips = type.branches.map((branch) => skipOf(branch, known))
      return (cursor) => branchOf(skips, cursor)(cursor)
    }
    case 'array': {
      const skip = skipOf(type.items, known)
      return (cursor) => eachElement(cursor, () => skip(cursor))
    }
    case 'map': {
      const skip = skipOf(type.values, known)
      return (cursor) =>
        eachElement(cursor, () => {
          take(cursor, readCount(cursor))
          skip(cursor)
        })
    }
    case 'record':
      return known.get(type) ?? skipRecord(type, known)
  }
}

function skipRecord(record: AvroRecord, known: Map<AvroRecord, Skip>): Skip {
  const skips: Skip[] = []
  const skip: Skip = (cursor) => {
    if (++cursor.depth > MAX_DEPTH) throw new BytesProblem(`expected at most ${MAX_DEPTH} levels, found more`)
    for (let i = 0; i < skips.length; i++) skips[i]!(cursor)
    cursor.depth--
  }
  known.set(record, skip) // before its fields: a record may contain itself
  for (const field of record.fields) skips.push(skipOf(field.type, known))
  return skip
}

export function nameOf(type: AvroType): string {
  if (type.type === 'union') return `one of ${type.branches.map(nameOf).join(', ')}`
  const logical = 'logical' in type && type.logical !== undefined ? ` (${type.logical.name})` : ''
  return 'name' in type ? `${type.type} ${type.name}${logical}` : `${type.type}${logical}`
}
