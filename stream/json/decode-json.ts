// JSON events → typed columns, and rejects with every reason. Compiled once per schema and range.
import {
  isObject,
  JSON_TEXT,
  kindOf,
  mayBeRounded,
  mayLoseFraction,
  readObject,
  restoreNumbers,
} from '../../core/strict-json.ts'
import { Misfit } from '../../core/values.ts'
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import { type DecodeValue, type RecordDecoder, type RowCollector, rowCollector } from '../rows/rows.ts'
import { jsonScanner } from './scan-json.ts'

/**
 * A decoder for the records of one partition. Each value must be one JSON object in UTF-8; fields that no column names are ignored,
 * missing ones and null are missing values. Not taken: a key that stands twice in its object, more than MAX_DEPTH levels.
 * Integers are exact: one that its column cannot hold is refused, never rounded, and a fraction never becomes an integer.
 * A record that does not fit becomes a reject with one reason per bad field: "field: expected X, found Y".
 */
export function jsonDecoder(specs: readonly ColumnSpec[], partition: number): RecordDecoder {
  const rows = rowCollector(specs, partition)
  const decode = jsonValueDecoder(specs, rows)
  return {
    add(record) {
      if (record.valueLength < 0) rows.reject(record, ['no value'])
      else decode(record, record.valueStart, record.valueStart + record.valueLength)
    },
    finish: rows.finish,
  }
}

/** Kinds that take integers and no other numbers. */
const INTEGER_KINDS: ReadonlySet<ColumnKind> = new Set<ColumnKind>(['id', 'time', 'category', 'flag'])

/** The same for values that are a part of the record, e.g. behind a schema id. */
export function jsonValueDecoder(specs: readonly ColumnSpec[], rows: RowCollector): DecodeValue {
  const scan = jsonScanner(specs, rows.fields)
  const readers = specs.map(readerOf)
  const takesIntegers = specs.map(({ kind }) => INTEGER_KINDS.has(kind))
  const values: unknown[] = specs.map(() => undefined)
  return (record, start, end, prefix = '') => {
    if (scan?.(record.bytes, start, end)) {
      rows.keep(record)
      return
    }
    const read = readObject(record.bytes, start, end)
    if (!('object' in read)) {
      const { expected, found } = read
      rows.reject(record, [
        prefix + (expected === JSON_TEXT ? `not JSON: ${found}` : `expected ${expected}, found ${found}`),
      ])
      return
    }
    let isExact = !read.isInfinite
    let isInteger = false
    for (let i = 0; i < readers.length; i++) {
      values[i] = readers[i]!(read.object)
      if (mayBeRounded(values[i])) isExact = false
      if (takesIntegers[i] && Number.isInteger(values[i])) isInteger = true
    }
    if (!isExact || (isInteger && mayLoseFraction(read.text))) {
      const exact = restoreNumbers(read, isExact ? 'fractions' : 'all')
      for (let i = 0; i < readers.length; i++) values[i] = readers[i]!(exact)
    }
    rows.add(record, values, prefix)
  }
}

/** Reads a field of a parsed object. */
type Reader = (event: Readonly<Record<string, unknown>>) => unknown

/** A column named like something on Object.prototype, e.g. "constructor", must not find that when the event lacks the field. */
function readerOf({ name, from }: ColumnSpec): Reader {
  if (from !== undefined) return pathReader(from.split('.'))
  if (name in Object.prototype) return (event) => (Object.hasOwn(event, name) ? event[name] : undefined)
  return (event) => event[name]
}

/** A step that is absent or null makes the value missing; one that is no object cannot hold it. */
function pathReader(steps: readonly string[]): Reader {
  return (event) => {
    let value: unknown = event
    for (const [depth, step] of steps.entries()) {
      if (value === undefined || value === null) return value
      if (!isObject(value)) return new Misfit(`an object at ${steps.slice(0, depth).join('.')}`, kindOf(value))
      value = Object.hasOwn(value, step) ? value[step] : undefined
    }
    return value
  }
}
