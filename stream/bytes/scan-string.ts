// A JSON string in bytes: where it ends, whether its bytes are already its text, and the time that it says.
import { daysSinceEpoch, isDay, isTimeOfDay } from '../../core/rfc3339.ts'

const QUOTE = 34
const BACKSLASH = 92
const SPACE = 32

/** What scanString found in the string besides plain ASCII. */
export const found = { hasEscape: false, hasUnicode: false }

/**
 * `at`: behind the opening quote. Escapes are stepped over, not checked.
 * @returns the position of the closing quote, −1 when there is none or a control character stands in between
 */
export function scanString(bytes: Uint8Array, at: number, end: number): number {
  found.hasEscape = false
  found.hasUnicode = false
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) return i
    if (byte === BACKSLASH) {
      found.hasEscape = true
      i++
    } else if (byte < SPACE) return -1
    else if (byte > 127) found.hasUnicode = true
  }
  return -1
}

/** The position of the next byte that is not JSON's white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at
  for (let byte = bytes[i]; byte === SPACE || byte === 10 || byte === 13 || byte === 9; ) byte = bytes[++i]
  return i
}

/** Whether `word` stands at `at`. */
export function isAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}

/**
 * Milliseconds since the epoch of the text YYYY-MM-DDThh:mm:ss[.fff]Z, years 1970 to 9999.
 * @returns NaN for every other form of time, valid or not
 */
export function scanIsoTime(bytes: Uint8Array, at: number, length: number): number {
  const hasFraction = length === 24
  if (!hasFraction && length !== 20) return Number.NaN
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45 || bytes[at + 10] !== 84) return Number.NaN
  if (bytes[at + 13] !== 58 || bytes[at + 16] !== 58 || bytes[at + length - 1] !== 90) return Number.NaN
  if (hasFraction && bytes[at + 19] !== 46) return Number.NaN
  const year = digits(bytes, at, 4)
  const month = digits(bytes, at + 5, 2)
  const day = digits(bytes, at + 8, 2)
  const hour = digits(bytes, at + 11, 2)
  const minute = digits(bytes, at + 14, 2)
  const second = digits(bytes, at + 17, 2)
  const milli = hasFraction ? digits(bytes, at + 20, 3) : 0
  if (!(year >= 1970 && isDay(year, month, day) && isTimeOfDay(hour, minute, second))) return Number.NaN
  const days = daysSinceEpoch(year, month, day)
  return days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + milli
}

/** NaN when one of them is no digit. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
