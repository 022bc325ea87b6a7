// JSON events → typed columns, and rejects with every reason. Compiled once per schema and range.
import { isUtf8 } from 'node:buffer'
import type { Column, ColumnSpec, Columns } from '../schemas/columns.ts'
import type { Reject } from '../schemas/segment.ts'
import { buildBytes, buildInt32, buildInt64 } from './build.ts'
import { type Field, fieldOf } from './fields.ts'
import { copyKey, copyValue, type RawRecord } from './record.ts'

export interface JsonDecoder {
  /** Takes one record; never throws for what is in it. */
  add(record: RawRecord): void
  /** What was decoded: the pipeline's columns in their order, then _partition, _offset, _timestamp, _key. Call once. */
  finish(): { readonly columns: Columns | null; readonly rejects: Reject[] }
}

/**
 * A decoder for the records of one partition. Each value must be one JSON object in UTF-8; fields that no column names are ignored,
 * missing ones and null are missing values, and of a key that occurs twice the last one counts, as in JSON.parse.
 * A record that does not fit becomes a reject with one reason per bad field: "field: expected X, found Y".
 */
export function jsonDecoder(specs: readonly ColumnSpec[], partition: number): JsonDecoder {
  const fields = specs.map(fieldOf)
  const readers = specs.map(({ name }) => readerOf(name))
  const origin = originColumns(partition)
  const rejects: Reject[] = []
  let rows = 0
  return {
    add(record) {
      const reasons = check(record, fields, readers)
      if (reasons !== null) {
        rejects.push(rejectOf(record, partition, reasons))
        return
      }
      for (const field of fields) field.keep()
      origin.add(record)
      rows++
    },
    finish: () => ({ columns: rows === 0 ? null : finishColumns(rows, fields, origin), rejects }),
  }
}

/** Reads a field of a parsed object. */
type Reader = (event: Readonly<Record<string, unknown>>) => unknown

/** A column named like something on Object.prototype, e.g. "constructor", must not find that when the event lacks the field. */
function readerOf(name: string): Reader {
  if (name in Object.prototype) return (event) => (Object.hasOwn(event, name) ? event[name] : undefined)
  return (event) => event[name]
}

/** null, or all reasons to reject the record. */
function check(record: RawRecord, fields: readonly Field[], readers: readonly Reader[]): string[] | null {
  if (record.valueLength < 0) return ['no value']
  const parsed = parseObject(record)
  if (typeof parsed === 'string') return [parsed]
  let reasons: string[] | null = null
  for (let i = 0; i < fields.length; i++) {
    const reason = fields[i]!.check(readers[i]!(parsed))
    if (reason === null) continue
    reasons ??= []
    reasons.push(`${fields[i]!.name}: ${reason}`)
  }
  return reasons
}

const REPLACEMENT = '\ufffd'

/** The event, or the reason why the value is none. */
function parseObject({ bytes, valueStart, valueLength }: RawRecord): Record<string, unknown> | string {
  const end = valueStart + valueLength
  const text = bytes.toString('utf8', valueStart, end)
  // damaged bytes would pass as U+FFFD; only text that has one needs the check
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(valueStart, end))) return 'not JSON: the bytes are not UTF-8'
  try {
    const event: unknown = JSON.parse(text)
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Record<string, unknown>
    return `expected a JSON object, found ${event === null ? 'null' : Array.isArray(event) ? 'a list' : `a ${typeof event}`}`
  } catch (error) {
    return `not JSON: ${(error as SyntaxError).message}`
  }
}

function rejectOf(record: RawRecord, partition: number, reasons: readonly string[]): Reject {
  const { offset, timestamp } = record
  return { partition, offset, timestamp, key: copyKey(record), value: copyValue(record), reasons }
}

interface OriginColumns {
  add(record: RawRecord): void
  finish(): Record<string, Column>
}

/** Where each row came from: SYSTEM_COLUMNS. */
function originColumns(partition: number): OriginColumns {
  const partitions = buildInt32()
  const offsets = buildInt64()
  const timestamps = buildInt64()
  const keys = buildBytes('binary')
  return {
    add({ offset, timestamp, bytes, keyStart, keyLength }) {
      partitions.push(partition)
      offsets.push(offset)
      timestamps.push(timestamp)
      if (keyLength < 0) keys.pushNull()
      else keys.pushBytes(bytes, keyStart, keyLength)
    },
    finish: () => ({
      _partition: partitions.finish(),
      _offset: offsets.finish(),
      _timestamp: timestamps.finish(),
      _key: keys.finish(),
    }),
  }
}

function finishColumns(rows: number, fields: readonly Field[], origin: OriginColumns): Columns {
  const byName = Object.fromEntries(fields.map((field) => [field.name, field.finish()]))
  return { rows, byName: { ...byName, ...origin.finish() } }
}
