// Which JSON objects are scanned: records look like the one before them. Others are read the slow way, and learnt.
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type ScannableField, type Shape, scanObject } from '../bytes/scan-object.ts'

/**
 * Takes the object in bytes [start, end): true when every field holds a value to keep. False says nothing: the slow way is to judge.
 * Whatever true was said to, the slow way accepts with the same values.
 */
export type JsonScanner = (bytes: Buffer, start: number, end: number) => boolean

/** Misses before it counts whether scanning pays at all. */
const PATIENCE = 64

/**
 * A scanner for the fields of these columns, in their order; undefined when a column lies deeper in the event, comes from a header,
 * or has the name of something on every object.
 */
export function jsonScanner(specs: readonly ColumnSpec[], fields: readonly ScannableField[]): JsonScanner | undefined {
  const keys = specs.map(({ name, from = name }) => from)
  if (specs.some(({ header }) => header !== undefined)) return undefined
  if (keys.some((key) => key in Object.prototype || key.includes('.'))) return undefined
  if (new Set(keys).size < keys.length) return undefined
  const fieldByKey = new Map(keys.map((key, i) => [key, fields[i]!]))
  // the keys of the last record that was learnt; a record whose keys are among them in their order has no key twice
  let shape: Shape = []
  let others = fields
  let hits = 0
  let misses = 0
  return (bytes, start, end) => {
    if (misses > PATIENCE && misses > hits) return false
    const span = { bytes, start, end }
    if (scanObject(span, shape, others)) {
      hits++
      return true
    }
    misses++
    const learnt = learnShape(bytes.toString('latin1', start, end), fieldByKey)
    if (learnt === null) return false
    shape = learnt
    others = fields.filter((field) => !learnt.some((each) => each.field === field))
    return scanObject(span, shape, others)
  }
}

/** null: no object, or one with keys whose JSON form is not their bytes. */
function learnShape(text: string, fieldByKey: ReadonlyMap<string, ScannableField>): Shape | null {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return null
  const keys = Object.keys(event)
  if (!keys.every((key) => PLAIN_KEY.test(key))) return null
  return keys.map((key) => ({ key: Buffer.from(key), field: fieldByKey.get(key) ?? null }))
}

/** No escapes, no Unicode; no integers, which objects put first. */
const PLAIN_KEY = /^(?!\d+$)[\x20\x21\x23-\x5b\x5d-\x7e]+$/
