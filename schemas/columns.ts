// Column kinds of a pipeline and the in-memory columns that travel between the stages.
import { byKind, flag, list, number, type Of, optional, text, words } from './shape.ts'

/**
 * What becomes of a person's data before the first byte reaches the store.
 * hash: keyed HMAC-SHA-256 as 64 hex digits. mask: "***". drop: a missing value.
 */
type PersonalAction = Of<typeof personalAction>
const personalAction = words('hash', 'mask', 'drop')

/** What an integer in a time column counts since the epoch. */
export type TimeUnit = Of<typeof timeUnit>
const timeUnit = words('s', 'ms', 'us', 'ns')

const count = { min: 1, integer: true } as const
const column = {
  name: text(),
  /** path into nested objects, steps separated by dots, instead of the event's field of the column's name */
  from: optional(text(/^[^.]+(\.[^.]+)*$/, 'names separated by dots, such as customer.address.city')),
  /** name of a Kafka header of which the last one counts, as UTF-8, instead of a field; text columns only */
  header: optional(text()),
}

/** What may arrive in one named field of an event. */
export type ColumnSpec = Of<typeof columnShape>
export const columnShape = byKind('kind', {
  id: {
    ...column,
    /** stored as keyed hash only, and so is the record's key */
    personal: optional(words('hash')),
  },
  time: {
    ...column,
    /** of integers; default ms. The column holds milliseconds: finer parts are cut off towards the past */
    unit: optional(timeUnit),
  },
  category: {
    ...column,
    /** closed set of values, in class order; a value outside it is rejected at decode */
    values: optional(list(text(), { min: 2, expected: 'at least two values' })),
    /** open set: the `top` most frequent training values get a slot, the rest is "other" */
    top: optional(number({ ...count, max: 10_000 })),
  },
  number: {
    ...column,
    unit: optional(text()),
    /** inclusive; a value outside is rejected at decode */
    min: optional(number()),
    max: optional(number()),
    /** fills a missing value instead of the training median */
    missing: optional(number()),
  },
  flag: column,
  numbers: {
    ...column,
    /** exact number of elements, e.g. 784 for a 28 × 28 image */
    length: number({ ...count, max: 1_000_000 }),
    /** inclusive bounds of an element; with integers in 0..255 the elements are stored as bytes */
    min: number(),
    max: number(),
    integers: flag,
  },
  text: {
    ...column,
    /** of UTF-8, inclusive */
    maxBytes: number(count),
    /** data about a person: what of it reaches the store */
    personal: optional(personalAction),
  },
})

export type ColumnKind = ColumnSpec['kind']

/** LSB-first validity bitmap as in Arrow; null means that no value is missing. */
export type Validity = Uint8Array | null

/** One column in memory: plain typed arrays, so that kernels can loop over them and Arrow can wrap them without a copy. */
export type Column =
  | {
      readonly type: 'utf8' | 'binary'
      readonly offsets: Int32Array
      readonly bytes: Uint8Array
      readonly valid: Validity
    }
  | { readonly type: 'float64'; readonly values: Float64Array; readonly valid: Validity }
  | { readonly type: 'int32'; readonly values: Int32Array; readonly valid: Validity }
  | { readonly type: 'int64'; readonly values: BigInt64Array; readonly valid: Validity }
  /** one byte per row, 0 or 1 */
  | { readonly type: 'bool'; readonly values: Uint8Array; readonly valid: Validity }
  /** codes index `dictionary`; the dictionary is in order of first appearance */
  | {
      readonly type: 'dictionary'
      readonly codes: Int32Array
      readonly dictionary: readonly string[]
      readonly valid: Validity
    }
  /** row r holds values[r * width, (r + 1) * width) */
  | {
      readonly type: 'list'
      readonly width: number
      readonly values: Uint8Array | Float32Array
      readonly valid: Validity
    }

export type ColumnType = Column['type']

/** A batch of rows by column; key order is column order. */
export interface Columns {
  readonly rows: number
  readonly byName: Readonly<Record<string, Column>>
}

/** The columns that ingest adds to every row: where the event came from. */
export const SYSTEM_COLUMNS = {
  _partition: 'int32',
  _offset: 'int64',
  /** milliseconds since the epoch, as the broker stored it; −1: the record has none */
  _timestamp: 'int64',
  _key: 'binary',
} as const satisfies Record<string, ColumnType>

/** How a column kind is held in memory and on disk. */
export function columnType(spec: ColumnSpec): ColumnType {
  switch (spec.kind) {
    case 'id':
    case 'text':
      return 'utf8'
    case 'time':
      return 'int64'
    case 'category':
      return 'dictionary'
    case 'number':
      return 'float64'
    case 'flag':
      return 'bool'
    case 'numbers':
      return 'list'
  }
}

/** Whether `numbers` elements fit a byte: integers within [0, 255]. */
export function elementsAreBytes(spec: Extract<ColumnSpec, { kind: 'numbers' }>): boolean {
  return spec.integers && spec.min >= 0 && spec.max <= 255
}

/** True when row `row` has a value. */
export function isValid(valid: Validity, row: number): boolean {
  return valid === null || ((valid[row >> 3]! >> (row & 7)) & 1) === 1
}

/** Where a row's event stood, in words, by the columns of ingest; the number of the row where there are none. */
export function placeOf({ byName }: Columns, row: number): string {
  const { _partition: partition, _offset: offset } = byName
  if (partition?.type !== 'int32' || offset?.type !== 'int64') return `row ${row}`
  return `partition ${partition.values[row]!} at offset ${offset.values[row]!}`
}

/** What becomes of the column's values; undefined: they are nobody's. */
export function personalOf(spec: ColumnSpec): PersonalAction | undefined {
  return spec.kind === 'id' || spec.kind === 'text' ? spec.personal : undefined
}
