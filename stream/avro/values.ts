// What a stored Avro value means to a column: logical types, https://avro.apache.org/docs/1.12.0/specification/#logical-types
import { decimalOf } from '../../core/decimal.ts'
import { CLOCKS, type Clock } from '../../core/rule.ts'
import { instantOf, Misfit } from '../../core/values.ts'
import type { ColumnKind } from '../../schemas/columns.ts'
import type { AvroLogical, AvroType } from './schema.ts'

/** What the integers of logical types count since the epoch. */
const LOGICAL_CLOCKS: Partial<Readonly<Record<AvroLogical['name'], Clock>>> = {
  date: { times: 86_400_000, over: 1, words: 'days' },
  'timestamp-millis': CLOCKS.ms,
  'timestamp-micros': CLOCKS.us,
  'timestamp-nanos': CLOCKS.ns,
}
/** 64 bytes hold 154 digits: more than any decimal that a database has. */
const MAX_DECIMAL_BYTES = 64

/** Turns the stored value into what `parseValue` takes; null: it is taken as it is. */
export type Meaning = ((stored: unknown) => unknown) | null

/** null: no time. */
export function clockOf(type: AvroType): Clock | null {
  const logical = 'logical' in type ? type.logical : undefined
  return (logical && LOGICAL_CLOCKS[logical.name]) ?? null
}

/** Times carry their unit only into time columns; elsewhere they are the integers that are stored. */
export function meaningOf(type: AvroType, kind: ColumnKind): Meaning {
  const logical = 'logical' in type ? type.logical : undefined
  switch (logical?.name) {
    case 'decimal': {
      const isText = kind === 'id' || kind === 'category' || kind === 'text'
      return (bytes) => {
        const text = decimalText(bytes as Uint8Array, logical.scale)
        if (isText || typeof text !== 'string') return text
        return kind === 'numbers' ? Number(text) : decimalOf(text) // elements are floats in every format
      }
    }
    case 'uuid':
      return type.type === 'fixed' ? (bytes) => uuidText(bytes as Uint8Array) : null
    case 'time-millis':
    case 'time-micros': {
      const timeOfDay = new Misfit('a time since the epoch', `${logical.name}, a time of day`)
      return kind === 'time' ? () => timeOfDay : null
    }
    default: {
      const clock = kind === 'time' ? clockOf(type) : null
      return clock === null ? null : (count) => instantOf(count as number | bigint, clock)
    }
  }
}

/** The unscaled integer is big-endian two's complement; the text has exactly `scale` digits behind the point. */
export function decimalText(bytes: Uint8Array, scale: number): string | Misfit {
  if (bytes.length === 0 || bytes.length > MAX_DECIMAL_BYTES)
    return new Misfit(`a decimal of 1 to ${MAX_DECIMAL_BYTES} bytes`, `${bytes.length} bytes`)
  let unscaled = 0n
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte)
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled)
  if (scale === 0) return String(unscaled)
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function uuidText(bytes: Uint8Array): string | Misfit {
  if (bytes.length !== 16) return new Misfit('a uuid of 16 bytes', `${bytes.length} bytes`)
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
