// Values of records → typed columns, and rejects with every reason: what the decoders of all formats share.
import type { Column, ColumnSpec, Columns } from '../../schemas/columns.ts'
import type { Reject } from '../../schemas/segment.ts'
import type { ScannedField } from '../bytes/scan-field.ts'
import { copyHeaders, copyKey, copyValue, type RawRecord } from '../record.ts'
import { buildBytes, buildInt64, pushBigInt64, pushInt64 } from './build.ts'
import { type Field, fieldOf } from './fields.ts'
import { headerValue } from './headers.ts'

/** Reads the records of one range. */
export interface RecordDecoder {
  /** Takes one record; never throws for what is in it. */
  add(record: RawRecord): void
  /** Decodes what waits for something from outside, e.g. a schema. Call before `finish`, when all records are added. */
  settle?(): Promise<void>
  /** What was decoded: the pipeline's columns in their order, then _partition, _offset, _timestamp, _key. Call once. */
  finish(): DecodedRows
}

/** Decodes the value [start, end) of a record into the rows; `prefix` begins every reason. */
export type DecodeValue = (record: RawRecord, start: number, end: number, prefix?: string) => void

export interface DecodedRows {
  /** null: no record decoded */
  readonly columns: Columns | null
  readonly rejects: Reject[]
}

export interface RowCollector {
  /** One value per column, in column order, as `parseValue` takes them; reasons are prefixed, e.g. by "schema 7: ". */
  add(record: RawRecord, values: readonly unknown[], prefix?: string): void
  reject(record: RawRecord, reasons: readonly string[]): void
  /** The columns' fields, for decoders that fill them without values; `keep` then makes a row of what they hold. */
  readonly fields: readonly (Field & ScannedField)[]
  keep(record: RawRecord): void
  /** The same where every field has put or kept its part already. */
  close(record: RawRecord): void
  /** Takes back what fields have put or kept since the last row. */
  rewind(): void
  finish(): DecodedRows
}

/** Collects the rows of one partition. Columns that come from a header are filled in here, whatever the format. */
export function rowCollector(specs: readonly ColumnSpec[], partition: number): RowCollector {
  const fields = specs.map(fieldOf)
  const headers = specs.map(({ header }) => header)
  const hasHeaders = headers.some((header) => header !== undefined)
  const origin = originColumns(partition)
  const rejects: Reject[] = []
  let rows = 0
  const reject = (record: RawRecord, reasons: readonly string[]): void => {
    const { offset, timestamp } = record
    const bytes = { key: copyKey(record), value: copyValue(record), headers: copyHeaders(record) }
    rejects.push({ partition, offset, timestamp, ...bytes, reasons })
  }
  const close = (record: RawRecord): void => {
    origin.add(record)
    rows++
  }
  const keep = (record: RawRecord): void => {
    for (const field of fields) field.keep()
    close(record)
  }
  return {
    reject,
    fields,
    keep,
    close,
    rewind() {
      for (const field of fields) field.rewind(rows)
    },
    add(record, values, prefix = '') {
      const all = hasHeaders ? values.map((value, i) => fieldValue(record, headers[i], value)) : values
      const reasons = check(fields, all, prefix)
      if (reasons !== null) {
        reject(record, reasons)
        return
      }
      keep(record)
    },
    finish: () => ({ columns: rows === 0 ? null : finishColumns(rows, fields, origin), rejects }),
  }
}

function fieldValue(record: RawRecord, header: string | undefined, value: unknown): unknown {
  return header === undefined ? value : headerValue(record, header)
}

/** null, or all reasons to reject the record. */
function check(fields: readonly Field[], values: readonly unknown[], prefix: string): string[] | null {
  let reasons: string[] | null = null
  for (let i = 0; i < fields.length; i++) {
    const reason = fields[i]!.check(values[i])
    if (reason === null) continue
    reasons ??= []
    reasons.push(`${prefix}${fields[i]!.name}: ${reason}`)
  }
  return reasons
}

interface OriginColumns {
  add(record: RawRecord): void
  finish(): Record<string, Column>
}

/** Where each row came from: SYSTEM_COLUMNS. */
function originColumns(partition: number): OriginColumns {
  let rows = 0
  const held = new Float64Array(1)
  const offsets = buildInt64()
  const timestamps = buildInt64()
  const keys = buildBytes('binary')
  return {
    add(record) {
      rows++
      held[0] = record.offset
      pushInt64(offsets.store, held)
      const { timestamp } = record
      if (typeof timestamp === 'number') {
        held[0] = timestamp
        pushInt64(timestamps.store, held)
      } else pushBigInt64(timestamps.store, timestamp)
      if (record.keyLength < 0) keys.pushNull()
      else keys.pushBytes(record.bytes, record.keyStart, record.keyLength)
    },
    finish: () => ({
      _partition: { type: 'int32', values: new Int32Array(rows).fill(partition), valid: null },
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
