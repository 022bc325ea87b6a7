// Rows of one partition in the order of their offsets, as one decoder would have made them.
import assert from 'node:assert/strict'
import { type Column, type Columns, isValid, type Validity } from '../../schemas/columns.ts'

/** The rows sorted by `_offset`; dictionaries in order of first appearance. */
export function orderByOffset({ rows, byName }: Columns): Columns {
  const { _offset } = byName
  assert(_offset?.type === 'int64', 'segments carry _offset')
  const { values } = _offset
  const order = Int32Array.from({ length: rows }, (_, row) => row)
  order.sort((a, b) => (values[a]! < values[b]! ? -1 : 1))
  const columns = Object.entries(byName).map(([name, column]): [string, Column] => [name, take(column, order)])
  return { rows, byName: Object.fromEntries(columns) }
}

function take(column: Column, order: Int32Array): Column {
  const valid = takeValidity(column.valid, order)
  switch (column.type) {
    case 'utf8':
    case 'binary':
      return { type: column.type, ...takeStrings(column, order), valid }
    case 'dictionary':
      return { type: 'dictionary', ...takeCodes(column, order), valid }
    case 'list': {
      const { width, values } = column
      return { type: 'list', width, values: takeLists(values, width, order), valid }
    }
    case 'float64':
      return { type: 'float64', values: column.values.map((_, i) => column.values[order[i] ?? i]!), valid }
    case 'int32':
      return { type: 'int32', values: column.values.map((_, i) => column.values[order[i] ?? i]!), valid }
    case 'int64':
      return { type: 'int64', values: column.values.map((_, i) => column.values[order[i] ?? i]!), valid }
    case 'bool':
      return { type: 'bool', values: column.values.map((_, i) => column.values[order[i] ?? i]!), valid }
  }
}

function takeValidity(valid: Validity, order: Int32Array): Validity {
  if (valid === null) return null
  const bits = new Uint8Array((order.length + 7) >> 3)
  for (const [to, from] of order.entries()) if (isValid(valid, from)) bits[to >> 3]! |= 1 << (to & 7)
  return bits
}

function takeStrings(
  { offsets, bytes }: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  order: Int32Array,
): { offsets: Int32Array; bytes: Uint8Array } {
  const taken = new Uint8Array(offsets[order.length]! - offsets[0]!)
  const ends = new Int32Array(order.length + 1)
  let at = 0
  for (const [to, from] of order.entries()) {
    const text = bytes.subarray(offsets[from], offsets[from + 1])
    taken.set(text, at)
    at += text.length
    ends[to + 1] = at
  }
  return { offsets: ends, bytes: taken }
}

function takeCodes(
  { codes, dictionary, valid }: Extract<Column, { type: 'dictionary' }>,
  order: Int32Array,
): { codes: Int32Array; dictionary: string[] } {
  const renamed = new Map<number, number>()
  const taken = new Int32Array(order.length)
  for (const [to, from] of order.entries()) {
    if (!isValid(valid, from)) continue
    const code = renamed.get(codes[from]!) ?? renamed.size
    renamed.set(codes[from]!, code)
    taken[to] = code
  }
  return { codes: taken, dictionary: [...renamed.keys()].map((code) => dictionary[code]!) }
}

function takeLists<T extends Uint8Array | Float32Array>(values: T, width: number, order: Int32Array): T {
  const taken = values.slice(0, order.length * width) as T
  for (const [to, from] of order.entries())
    taken.set(values.subarray(from * width, (from + 1) * width) as never, to * width)
  return taken
}
