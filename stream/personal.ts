// Personal columns of decoded rows: hashed, masked or dropped before anything is written.
import type { PersonalKey } from '../core/personal-key.ts'
import { type Column, type ColumnSpec, type Columns, isValid, personalOf } from '../schemas/columns.ts'
import type { Reject } from '../schemas/segment.ts'

const MASK = Buffer.from('***')
const HASH_DIGITS = 64

/** What a decoder made of records. */
export interface Unprotected {
  readonly columns: Columns | null
  readonly rejects: readonly Reject[]
}

type Strings = Extract<Column, { type: 'utf8' | 'binary' }>

/**
 * The rows without a person's data. Sources with a personal column lose `_key` as well, which often repeats the id: it becomes its hash (32 bytes).
 * Records that did not decode cannot be masked field by field, so they keep no byte, of their headers neither: a keyed hash of the value, and the reasons without what was found.
 */
export function protectPersonal<T extends Unprotected>(rows: T, specs: readonly ColumnSpec[], key: PersonalKey): T {
  const personal = specs.filter((spec) => personalOf(spec) !== undefined)
  if (personal.length === 0) return rows
  const names = specs.map(({ name }) => name)
  return {
    ...rows,
    columns: rows.columns && protectColumns(rows.columns, personal, key),
    rejects: rows.rejects.map((reject) => withheld(reject, names, key)),
  }
}

function protectColumns({ rows, byName }: Columns, personal: readonly ColumnSpec[], key: PersonalKey): Columns {
  const columns: Record<string, Column> = { ...byName }
  for (const spec of personal) {
    const column = columns[spec.name] as Strings
    const action = personalOf(spec)
    if (action === 'hash')
      columns[spec.name] = mapped(column, rows, (text) => Buffer.from(key.hash(text).toString('hex')))
    else columns[spec.name] = mapped(column, rows, () => (action === 'mask' ? MASK : null))
  }
  columns._key = mapped(columns._key as Strings, rows, key.hash)
  return { rows, byName: columns }
}

/** Missing values stay missing. */
function mapped(column: Strings, rows: number, change: (value: Uint8Array) => Buffer | null): Column {
  const offsets = new Int32Array(rows + 1)
  const valid = new Uint8Array((rows + 7) >> 3)
  let bytes = Buffer.alloc(rows * HASH_DIGITS)
  for (let row = 0; row < rows; row++) {
    let end = offsets[row]!
    const value = isValid(column.valid, row)
      ? column.bytes.subarray(column.offsets[row], column.offsets[row + 1])
      : null
    const changed = value && change(value)
    if (changed !== null) {
      valid[row >> 3]! |= 1 << (row & 7)
      end += changed.copy(bytes, end)
    }
    offsets[row + 1] = end
  }
  bytes = bytes.subarray(0, offsets[rows])
  return { type: column.type, offsets, bytes, valid }
}

function withheld(reject: Reject, names: readonly string[], key: PersonalKey): Reject {
  const { value, headers: _withheld, ...rest } = reject
  const reasons = reject.reasons.map((reason) => withoutFound(reason, names))
  const hash = value === null ? [] : [`withheld: HMAC-SHA-256 ${key.hash(value).toString('hex')}`]
  return {
    ...rest,
    key: reject.key && key.hash(reject.key),
    value: null,
    reasons: [...new Set(reasons), ...hash],
  }
}

/** A reason may quote the record behind ", found ", and anything that is not of that form may be a quote. */
function withoutFound(reason: string, names: readonly string[]): string {
  if (reason === 'no value') return reason
  const [, schema = '', rest = ''] = /^(schema \d+: )?(.*)$/s.exec(reason) ?? []
  const name = names.find((each) => rest.startsWith(`${each}: expected `))
  const at = rest.indexOf(', found ')
  return name === undefined || at === -1 ? `${schema}does not decode` : schema + rest.slice(0, at)
}
