// A JSON object in bytes → its fields, without parsing it into objects: records look like the one before them.
import { isUtf8 } from 'node:buffer'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { ScannedField } from './scan-field.ts'
import { scanNumber } from './scan-number.ts'
import { found, isAt, scanString, skipSpace } from './scan-string.ts'

export interface ScannableField extends ScannedField {
  check(json: unknown): string | null
}

/**
 * Takes the object in bytes [start, end): true when every field holds a value to keep. False says nothing: the slow way is to judge.
 * Whatever true was said to, the slow way accepts with the same values.
 */
export type JsonScanner = (bytes: Buffer, start: number, end: number) => boolean

/**
 * The keys of the last record that was learnt, in its order, each once. A record is scanned when its keys are among them in this order,
 * so it has no key twice. Others are read the slow way and learnt.
 */
type Shape = readonly { readonly key: Uint8Array; readonly field: ScannableField | null }[]

const OPEN = 123
const CLOSE = 125
const QUOTE = 34
const COMMA = 44
const COLON = 58
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

interface Span {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** True when the record is an object of the shape and every value was taken; `others` are the fields that the shape lacks. */
function scanObject({ bytes, start, end }: Span, shape: Shape, others: readonly ScannableField[]): boolean {
  let hasUnicode = false
  let next = 0
  let at = skipSpace(bytes, start)
  if (bytes[at] !== OPEN) return false
  at = skipSpace(bytes, at + 1)
  for (let isFirst = true; bytes[at] !== CLOSE || !isFirst; isFirst = false) {
    if (bytes[at] !== QUOTE) return false
    while (next < shape.length && !isKey(bytes, at + 1, shape[next]!.key)) {
      const { field } = shape[next++]!
      if (field !== null && field.check(undefined) !== null) return false
    }
    if (next === shape.length) return false
    const { key, field } = shape[next++]!
    at = skipSpace(bytes, at + key.length + 2)
    if (bytes[at] !== COLON) return false
    at = skipSpace(bytes, at + 1)
    found.hasUnicode = false
    at = field === null ? skipScalar(bytes, at, end) : field.scan(bytes, at, end)
    if (at < 0) return false
    hasUnicode ||= found.hasUnicode
    at = skipSpace(bytes, at)
    if (bytes[at] === CLOSE) break
    if (bytes[at] !== COMMA) return false
    at = skipSpace(bytes, at + 1)
  }
  if (skipSpace(bytes, at + 1) < end || at >= end) return false
  if (hasUnicode && !isUtf8(bytes.subarray(start, end))) return false
  for (; next < shape.length; next++) if (shape[next]!.field?.check(undefined) != null) return false
  for (const field of others) if (field.check(undefined) !== null) return false
  return true
}

function isKey(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  return isAt(bytes, at, key) && bytes[at + key.length] === QUOTE
}

const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/** The position behind a string without escapes, number or literal; −1: something else. */
function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === QUOTE) {
    const close = scanString(bytes, at + 1, end)
    return close < 0 || found.hasEscape ? -1 : close + 1
  }
  for (const word of WORDS) if (isAt(bytes, at, word)) return at + word.length
  return scanNumber(bytes, at)
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
