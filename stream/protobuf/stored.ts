// How a Protobuf value stands in its bytes, for the direct path.
import protobuf from 'protobufjs'
import type { Stored } from '../bytes/wire-leaf.ts'
import type { ElementRead } from '../bytes/wire-list.ts'
import { READ } from '../bytes/wire-read.ts'
import { fullName } from './schema.ts'

const SCALARS: Readonly<Record<string, Stored>> = {
  int32: { is: 'integer', read: READ.signed },
  // negative ones are 2^63 and more as they stand there: no read takes them for something else
  int64: { is: 'integer', read: READ.varint },
  uint32: { is: 'integer', read: READ.varint },
  uint64: { is: 'integer', read: READ.varint },
  sint32: { is: 'integer', read: READ.zigzag },
  sint64: { is: 'integer', read: READ.zigzag },
  bool: { is: 'boolean', read: READ.varint },
  float: { is: 'float', read: READ.float },
  double: { is: 'float', read: READ.double },
  string: { is: 'text', read: READ.bytes },
  bytes: { is: 'bytes', read: READ.bytes, size: 0 },
}

/** Numbers of enums above that are left to the readers that make values. */
const MAX_ENUM = 1023

/** One value of the field; null: integers of fixed size, other messages than Timestamp, and groups, whose values have to be made first. */
export function storedOf(field: protobuf.Field): Stored | null {
  const type = field.resolvedType
  if (type === null) return SCALARS[field.type] ?? null
  if (type instanceof protobuf.Type && fullName(type) === 'google.protobuf.Timestamp')
    return { is: 'timestamp', read: READ.bytes }
  if (!(type instanceof protobuf.Enum)) return null
  const names: (string | undefined)[] = []
  for (const [id, name] of Object.entries(type.valuesById)) {
    const number = Number(id)
    if (number < 0 || number > MAX_ENUM) continue
    while (names.length < number) names.push(undefined)
    names[number] = name
  }
  return { is: 'enum', read: READ.signed, names }
}

/** How the elements of a list stand there; null: they have to be made first. */
export function elementRead(field: protobuf.Field): ElementRead | null {
  const stored = storedOf(field)
  return stored?.is === 'integer' || stored?.is === 'float' ? (stored.read as ElementRead) : null
}
