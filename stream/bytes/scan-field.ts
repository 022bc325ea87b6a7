// One field of an event from its bytes: what is simple is read in place, the rest goes to the field's own check.
import { fits, millisecondsOf, type Rule, takes } from '../../core/rule.ts'
import type { BytesBuilder, DictionaryBuilder, NumberBuilder } from '../rows/build.ts'
import { byteCache } from './byte-cache.ts'
import { scanInteger, scanNumber, scanned } from './scan-number.ts'
import { found, isAt, scanIsoTime, scanString } from './scan-string.ts'

/** What a field offers to the scanner; `check` and `keep` as in rows/fields.ts. */
export interface ScannedField {
  /**
   * Reads the JSON value at `at` and holds it for `keep`.
   * @returns the position behind the value; −1 when the whole record is to be read the slow way
   */
  scan(bytes: Buffer, at: number, end: number): number
}

interface Checked {
  check(json: unknown): string | null
  keep(): void
}

/** What a scanner of one kind does; −1 leaves the value to `check`. */
export interface Reading {
  read(bytes: Buffer, at: number, end: number): number
  keep(): void
}

/** The field, with `scan` beside `check`: whichever was called last decides what `keep` keeps. */
export function withScan<F extends Checked>(field: F, reading: Reading): F & ScannedField {
  let isScanned = false
  return {
    ...field,
    check(json) {
      isScanned = false
      return field.check(json)
    },
    scan(bytes, at, end) {
      const after = reading.read(bytes, at, end)
      isScanned = after >= 0
      return isScanned ? after : checkParsed(field, bytes, at, end)
    },
    keep() {
      if (isScanned) reading.keep()
      else field.keep()
    },
  }
}

const QUOTE = 34
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

/** Scalars that `read` left: parsed by JSON.parse, judged by `check`. Objects and lists are left to the slow way. */
function checkParsed(field: Checked, bytes: Buffer, at: number, end: number): number {
  if (isAt(bytes, at, NULL)) return field.check(null) === null ? at + 4 : -1
  const first = bytes[at]
  if (first === QUOTE) {
    const close = scanString(bytes, at + 1, end)
    if (close < 0) return -1
    const text = textOf(bytes, at, close + 1)
    return text !== undefined && field.check(text) === null ? close + 1 : -1
  }
  if (isAt(bytes, at, TRUE)) return field.check(true) === null ? at + 4 : -1
  if (isAt(bytes, at, FALSE)) return field.check(false) === null ? at + 5 : -1
  // numbers that are left here are for columns that take integers alone
  const after = scanInteger(bytes, at)
  return after >= 0 && field.check(scanned[0]) === null ? after : -1
}

/** undefined: no JSON string. */
function textOf(bytes: Buffer, at: number, end: number): string | undefined {
  if (!found.hasEscape) return bytes.toString('utf8', at + 1, end - 1)
  try {
    return JSON.parse(bytes.toString('utf8', at, end)) as string
  } catch {
    return undefined
  }
}

/** Text without escapes: its bytes are copied as they are. The caller of the scan makes sure that they are UTF-8. */
export function textReading(rule: Rule, builder: BytesBuilder): Reading {
  let from: Buffer | undefined
  let start = 0
  let length = 0
  return {
    read(bytes, at, end) {
      if (bytes[at] !== QUOTE) return -1
      const close = scanString(bytes, at + 1, end)
      if (close < 0 || found.hasEscape) return -1
      from = bytes
      start = at + 1
      length = close - start
      return takes(rule, length) ? close + 1 : -1
    },
    keep: () => builder.pushBytes(from!, start, length),
  }
}

export function numberReading(rule: Rule, builder: NumberBuilder): Reading {
  const { integers } = rule
  // larger integers are exact only in the text
  const min = Math.max(rule.min, Number.MIN_SAFE_INTEGER)
  const max = Math.min(rule.max, Number.MAX_SAFE_INTEGER)
  const held = new Float64Array(1)
  return {
    read(bytes, at) {
      const after = scanNumber(bytes, at)
      if (after < 0) return -1
      const value = scanned[0]!
      held[0] = value
      return fits(value, min, max, integers) ? after : -1
    },
    keep: () => builder.pushFirst(held),
  }
}

/** The common form of RFC 3339, or integers. */
export function timeReading(rule: Rule, builder: NumberBuilder): Reading {
  const held = new Float64Array(1)
  return {
    read(bytes, at, end) {
      if (bytes[at] === QUOTE) {
        const close = scanString(bytes, at + 1, end)
        if (close < 0 || found.hasEscape) return -1
        held[0] = scanIsoTime(bytes, at + 1, close - at - 1)
        return takes(rule, held[0]) ? close + 1 : -1
      }
      const after = scanInteger(bytes, at)
      if (after < 0) return -1
      held[0] = millisecondsOf(scanned[0]!, rule.clock)
      return takes(rule, held[0]) ? after : -1
    },
    keep: () => builder.pushFirst(held),
  }
}

/** Values that occurred before are known by their bytes, without making a string. */
export function categoryReading(builder: DictionaryBuilder): Reading {
  const known = byteCache()
  let code = 0
  return {
    read(bytes, at, end) {
      if (bytes[at] !== QUOTE) return -1
      const close = scanString(bytes, at + 1, end)
      if (close < 0 || found.hasEscape) return -1
      code = known.find(bytes, at + 1, close)
      if (code >= 0) return close + 1
      // a row that is refused must leave no trace: only what a kept row brought is known
      code = builder.codeOf(bytes.toString('utf8', at + 1, close))
      if (code < 0) return -1
      known.add(bytes, at + 1, close, code)
      return close + 1
    },
    keep: () => builder.pushCode(code),
  }
}

export function flagReading(builder: NumberBuilder): Reading {
  let held = 0
  return {
    read(bytes, at) {
      held = isAt(bytes, at, TRUE) ? 1 : 0
      if (held === 1) return at + 4
      return isAt(bytes, at, FALSE) ? at + 5 : -1
    },
    keep: () => builder.push(held),
  }
}
