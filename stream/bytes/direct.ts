// The direct path of binary formats: from a record's bytes into the columns. What it does not take, the general path judges.
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { RawRecord } from '../record.ts'
import type { Field } from '../rows/fields.ts'
import { headerValue } from '../rows/headers.ts'
import type { RowCollector } from '../rows/rows.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import type { Cursor } from './cursor.ts'
import { lookAt } from './wire-read.ts'

/**
 * Puts one row into the columns that do not come from headers: each exactly once.
 * Returns the position behind the value, or −1 when it does not take the record; then some columns hold a row too many.
 */
export type DirectProgram = (bytes: Buffer, at: number, end: number) => number

/** true: the record is a row. false says nothing, and has left no trace. */
export type DirectDecoder = (record: RawRecord, start: number, end: number) => boolean

/** Misses before it counts whether the direct path pays at all. */
const PATIENCE = 64

/** Where most records are refused, or written as no usual writer does it, the direct path gives up for the rest of the range. */
export function directDecoder(program: DirectProgram, specs: readonly ColumnSpec[], rows: RowCollector): DirectDecoder {
  const { fields } = rows
  const headers = specs.flatMap(({ header }, i) => (header === undefined ? [] : [{ header, field: fields[i]! }]))
  let hits = 0
  let misses = 0
  return (record, start, end) => {
    if (misses > PATIENCE && misses > hits) return false
    const { bytes } = record
    lookAt(bytes)
    try {
      if (program(bytes, start, end) === end && (headers.length === 0 || keepHeaders(headers, record))) {
        hits++
        rows.close(record)
        return true
      }
    } catch (error) {
      if (!(error instanceof BytesProblem)) throw error
    }
    misses++
    rows.rewind()
    return false
  }
}

function keepHeaders(headers: readonly { header: string; field: Field }[], record: RawRecord): boolean {
  return headers.every(({ header, field }) => keepIfGood(field, headerValue(record, header)))
}

export function keepIfGood(field: Field, value: unknown): boolean {
  if (field.check(value) !== null) return false
  field.keep()
  return true
}

/** A part of the record that is read as values: what a leaf does not take, and constructs that no leaf is for. */
export interface Fallback {
  readonly step: (cursor: Cursor, out: unknown[]) => void
  readonly slots: readonly number[]
  readonly fields: readonly Field[]
}

const cursor: Cursor = { bytes: Buffer.alloc(0), at: 0, end: 0, depth: 0 }
const out: unknown[] = []

/** The position behind the part, or −1 when a column refuses its value. Throws BytesProblem. */
export function runFallback({ step, slots, fields }: Fallback, bytes: Buffer, at: number, end: number): number {
  cursor.bytes = bytes
  cursor.at = at
  cursor.end = end
  cursor.depth = 0
  for (let i = 0; i < slots.length; i++) out[slots[i]!] = undefined
  step(cursor, out)
  for (let i = 0; i < slots.length; i++) if (!keepIfGood(fields[i]!, out[slots[i]!])) return -1
  return cursor.at
}
