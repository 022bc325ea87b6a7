// How an Avro value stands in its bytes, for the direct path.
import type { ColumnKind } from '../../schemas/columns.ts'
import type { Stored } from '../bytes/wire-leaf.ts'
import type { ElementRead } from '../bytes/wire-list.ts'
import { READ } from '../bytes/wire-read.ts'
import type { AvroType } from './schema.ts'
import { clockOf, meaningOf } from './values.ts'

/** null: decimals and other values that have to be made first. `target` is the reader's type, to which `writer` promotes. */
export function storedOf(writer: AvroType, target: AvroType, kind: ColumnKind): Stored | null {
  if (meaningOf(target, kind) !== null) {
    const clock = clockOf(target)
    return clock === null ? null : { is: 'instant', read: READ.zigzag, clock }
  }
  switch (writer.type) {
    case 'boolean':
      return { is: 'boolean', read: READ.boolean }
    case 'int':
    case 'long':
      return { is: 'integer', read: READ.zigzag }
    case 'float':
      return { is: 'float', read: READ.float }
    case 'double':
      return { is: 'float', read: READ.double }
    case 'bytes':
    case 'string':
      return target.type === 'bytes'
        ? { is: 'bytes', read: READ.zigzagBytes, size: 0 }
        : { is: 'text', read: READ.zigzagBytes }
    case 'fixed':
      return { is: 'bytes', read: READ.fixed, size: writer.size }
    case 'enum': {
      const reader = target.type === 'enum' ? target : writer
      const names = writer.symbols.map((name) => (reader.symbols.includes(name) ? name : reader.default))
      return { is: 'enum', read: READ.zigzag, names }
    }
    default:
      return null
  }
}

/** How the elements of an array stand there; null: they have to be made first. */
export function elementRead(writer: AvroType, reader: AvroType): ElementRead | null {
  const stored = writer.type === 'union' || reader.type === 'union' ? null : storedOf(writer, reader, 'numbers')
  if (stored === null || (stored.is !== 'integer' && stored.is !== 'float')) return null
  return stored.read as ElementRead
}
