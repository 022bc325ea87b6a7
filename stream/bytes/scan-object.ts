// A JSON object in bytes → its fields, without parsing it into objects.
import { isUtf8 } from 'node:buffer'
import type { ScannedField } from './scan-field.ts'
import { scanNumber } from './scan-number.ts'
import { found, isAt, scanString, skipSpace } from './scan-string.ts'

export interface ScannableField extends ScannedField {
  check(json: unknown): string | null
}

/** Keys that an object may have, in this order, each once, and the field of each; null: of no interest. */
export type Shape = readonly { readonly key: Uint8Array; readonly field: ScannableField | null }[]

const OPEN = 123
const CLOSE = 125
const QUOTE = 34
const COMMA = 44
const COLON = 58

/** Bytes [start, end) of a buffer. */
export interface Span {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** True when the record is an object of the shape and every value was taken; `others` are the fields that the shape lacks. */
export function scanObject({ bytes, start, end }: Span, shape: Shape, others: readonly ScannableField[]): boolean {
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
