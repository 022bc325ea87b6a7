// What a body's bytes say of its shape before it is parsed: parsing millions of names or levels would take seconds.
import { MAX_DEPTH } from '../core/strict-json.ts'
import { refuse } from './http-errors.ts'

/** Names in one object of a body. */
export const MAX_NAMES = 10_000

/** Of smaller bodies, whatever they hold, more is known as soon once they are parsed. */
const SMALL_BYTES = 512 * 1024

const QUOTE = 34
const COLON = 58
const LIST = 91
const BACKSLASH = 92
const LIST_END = 93
const OBJECT = 123
const OBJECT_END = 125

export const tooManyNames = (): Error => refuse('body', `at most ${MAX_NAMES} names in one object`, 'more')

/** Throws REQUEST_INVALID for more than MAX_DEPTH levels, or than MAX_NAMES names in an object. Of bytes that are no JSON it says nothing. */
export function requireShape(bytes: Buffer): void {
  if (bytes.length <= SMALL_BYTES) return
  const names = new Uint32Array(MAX_DEPTH + 1)
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = endOfString(bytes, at)
      if (at < 0) return
    } else if (byte === OBJECT || byte === LIST) {
      depth++
      if (depth > MAX_DEPTH) throw refuse('body', `at most ${MAX_DEPTH} levels of objects and lists`, 'more')
      names[depth] = 0
    } else if (byte === OBJECT_END || byte === LIST_END) {
      if (depth === 0) return
      depth--
    } else if (byte === COLON) {
      names[depth]!++
      if (names[depth]! > MAX_NAMES) throw tooManyNames()
    }
  }
}

/** Where the string ends that begins at `open`: a quote before which stands an even number of backslashes; −1: nowhere. */
function endOfString(bytes: Buffer, open: number): number {
  for (let close = bytes.indexOf(QUOTE, open + 1); close >= 0; close = bytes.indexOf(QUOTE, close + 1)) {
    let slashes = 0
    while (bytes[close - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return close
  }
  return -1
}
