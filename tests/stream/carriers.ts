// Every way in which one value can arrive in a column: formats, their types, and the two paths of each.
import type { ColumnSpec } from '../../schemas/columns.ts'
import { jsonValueDecoder } from '../../stream/json/decode-json.ts'
import type { DecodeValue, RowCollector } from '../../stream/rows/rows.ts'
import { avroCarriers } from './avro/carriers.ts'
import { protobufCarriers } from './protobuf/carriers.ts'

/** One way to write a value down, and the decoders that read it into column `x`. */
export interface Carrier {
  readonly name: string
  /** null: it cannot be written that way */
  readonly encode: (value: unknown) => Buffer | null
  /** what the bytes say, where that is not the value itself */
  readonly says?: ((value: unknown) => unknown) | undefined
  /** more columns than the one, where a path needs them */
  readonly specs: { readonly direct: readonly ColumnSpec[]; readonly byValues: readonly ColumnSpec[] }
  readonly direct: (rows: RowCollector) => DecodeValue
  readonly byValues: (rows: RowCollector) => DecodeValue
}

/** A column of this name switches the scan off. */
export const UNSCANNABLE: ColumnSpec = { name: 'constructor', kind: 'number' }

export const carriersOf = (spec: ColumnSpec): Carrier[] => [
  ...jsonCarriers(spec),
  ...avroCarriers(spec),
  ...protobufCarriers(spec),
]

function jsonCarriers(spec: ColumnSpec): Carrier[] {
  const more = [spec, UNSCANNABLE]
  const carrier = (name: string, write: (text: string) => string): Carrier => ({
    name: `JSON ${name}`,
    encode: (value) => {
      // lists are parsed as floats: only a column of lists says the same of both
      if (spec.kind !== 'numbers' && Array.isArray(value) && value.some((x) => typeof x === 'bigint')) return null
      const text = value === undefined ? '' : jsonText(value)
      return text === null ? null : Buffer.from(value === undefined ? '{}' : `{"x":${write(text)}}`)
    },
    specs: { direct: [spec], byValues: more },
    direct: (rows) => jsonValueDecoder([spec], rows),
    byValues: (rows) => jsonValueDecoder(more, rows),
  })
  return [carrier('plain', (text) => text), carrier('escaped', escaped), carrier('spaced', spaced)]
}

/** As JSON.stringify would, with −0, and integers beyond 2^53 as digits if they are exact, as floats if they are floats; null: JSON has no such value. */
export function jsonText(value: unknown): string | null {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return value.toExponential()
    return Object.is(value, -0) ? '-0' : String(value)
  }
  if (value instanceof Uint8Array || value instanceof Date) return null
  if (!Array.isArray(value)) return JSON.stringify(value)
  const elements = value.map(jsonText)
  return elements.includes(null) ? null : `[${elements.join()}]`
}

/** Strings with every unit as \u; anything else as it is. */
function escaped(text: string): string {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'string') return text
  const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i).toString(16).padStart(4, '0'))
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`
}

/** White space where JSON allows it between elements. */
const spaced = (text: string): string =>
  text.startsWith('[') ? text.replaceAll(',', ' , ').replace('[', '[\n') : ` ${text}\t`
