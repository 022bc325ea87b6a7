// Column kinds of a pipeline and the in-memory columns that travel between the stages.

/** Where a column's value stands in a record; without both, in the event's field of the column's name. */
export interface ColumnOrigin {
  /** path into nested objects, steps separated by dots */
  readonly from?: string
  /** name of a Kafka header of which the last one counts, as UTF-8; text columns only */
  readonly header?: string
}

/**
 * What becomes of a person's data before the first byte reaches the store.
 * hash: keyed HMAC-SHA-256 as 64 hex digits. mask: "***". drop: a missing value.
 */
export type PersonalAction = 'hash' | 'mask' | 'drop'

/** What an integer in a time column counts since the epoch. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/** What may arrive in one named field of an event. */
export type ColumnSpec = ColumnOrigin & ColumnKindSpec

type ColumnKindSpec =
  | { readonly name: string; readonly kind: 'id'; readonly personal?: 'hash' }
  | {
      readonly name: string
      readonly kind: 'time'
      /** of integers; default ms. The column holds milliseconds: finer parts are cut off towards the past */
      readonly unit?: TimeUnit
    }
  | {
      readonly name: string
      readonly kind: 'category'
      /** closed set of values, in class order; a value outside it is rejected at decode */
      readonly values?: readonly string[]
      /** open set: the `top` most frequent training values get a slot, the rest is "other" */
      readonly top?: number
    }
  | {
      readonly name: string
      readonly kind: 'number'
      readonly unit?: string
      /** inclusive; a value outside is rejected at decode */
      readonly min?: number
      readonly max?: number
      /** fills a missing value instead of the training median */
      readonly missing?: number
    }
  | { readonly name: string; readonly kind: 'flag' }
  | {
      readonly name: string
      readonly kind: 'numbers'
      /** exact number of elements, e.g. 784 for a 28 × 28 image */
      readonly length: number
      /** inclusive bounds of an element; with integers in 0..255 the elements are stored as bytes */
      readonly min: number
      readonly max: number
      readonly integers: boolean
    }
  | { readonly name: string; readonly kind: 'text'; readonly maxBytes: number; readonly personal?: PersonalAction }

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
  /** milliseconds since the epoch, as the broker stored it */
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

/** What becomes of the column's values; undefined: they are nobody's. */
export function personalOf(spec: ColumnSpec): PersonalAction | undefined {
  return spec.kind === 'id' || spec.kind === 'text' ? spec.personal : undefined
}
