// JSON as sluice takes it, in events and in requests: UTF-8, no key twice, bounded depth, integers never rounded.
import { WrittenNumber } from '../schemas/written-number.ts'
import { decimalOf, MIN_DIGITS } from './decimal.ts'
import { endOfString, parseByHand } from './escaped-keys.ts'
import { utf8At } from './utf8.ts'

/** Levels of objects and lists in each other. */
export const MAX_DEPTH = 64

/** Why bytes are not taken. */
export interface JsonRefusal {
  readonly expected: string
  readonly found: string
  /** what they hold, where it is JSON and no object; nothing is known of its depth */
  readonly value?: unknown
}

export interface JsonObject {
  /** as JSON.parse gives it */
  readonly object: Record<string, unknown>
  /** some field in it may be a rounded integer, because it lies beyond ±(2^53 − 1): `restoreNumbers` makes it exact */
  readonly isRounded: boolean
  /** some element of a list in it is beyond 64-bit floats: `restoreNumbers` says which number it was */
  readonly isInfinite: boolean
  /** keys of the object in it that has most */
  readonly widest: number
  readonly text: string
}

/** What is expected of bytes that no JSON parser would take. */
export const JSON_TEXT = 'JSON in UTF-8'
/** What is expected of an object in which a key stands twice; `keyTwice` says which. */
export const KEYS_ONCE = 'every key once in its object'
const ONE_OBJECT = 'a JSON object'
const LEVELS = `at most ${MAX_DEPTH} levels of objects and lists`

/** Reads bytes [start, end) as one JSON object. */
export function readObject(bytes: Buffer, start: number, end: number): JsonObject | JsonRefusal {
  const text = utf8At(bytes, start, end)
  if (text === undefined) return { expected: JSON_TEXT, found: 'the bytes are not UTF-8' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { expected: JSON_TEXT, found: (error as SyntaxError).message }
  }
  if (!isObject(value)) return { expected: ONE_OBJECT, found: kindOf(value), value }
  const keys = text.includes('\\') ? keysIn(text) : undefined
  if (keys?.areEscaped) value = parseByHand(text, MAX_DEPTH)
  const count: Count = { keys: 0, widest: 0, isRounded: false, isInfinite: false }
  if (!isObject(value) || !countIn(value, 1, count)) return { expected: LEVELS, found: 'more' }
  // of equal keys the last is kept, so the text has more keys than the value
  if (count.keys !== (keys?.count ?? colonsBehindQuotes(text)) && count.keys !== keysIn(text).count) {
    return { expected: KEYS_ONCE, found: 'one twice' }
  }
  const { isRounded, isInfinite, widest } = count
  return { object: value, isRounded, isInfinite, widest, text }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
}

/** "a list", "null", "a string": what a value is instead of an object. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'bigint' || value instanceof WrittenNumber) return 'a number'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

/** Of all objects in a value. */
interface Count {
  keys: number
  /** in one of them */
  widest: number
  isRounded: boolean
  isInfinite: boolean
}

/** Adds what the value holds; false: deeper than MAX_DEPTH. */
function countIn(value: object, depth: number, count: Count): boolean {
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const element: unknown = value[i]
      if (typeof element === 'object' && element !== null && !countIn(element, depth + 1, count)) return false
      if (element === Infinity || element === -Infinity) count.isInfinite = true
    }
    return true
  }
  let keys = 0
  // for…in, because Object.values sorts the keys of large objects: twice as slow
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    keys++
    if (typeof field === 'object') {
      if (field !== null && !countIn(field, depth + 1, count)) return false
    } else if (mayBeRounded(field)) count.isRounded = true
  }
  count.keys += keys
  if (keys > count.widest) count.widest = keys
  return true
}

/** At least the keys in the text, and most often as many: texts may hold such a colon too. */
function colonsBehindQuotes(text: string): number {
  let count = 0
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let before = colon - 1
    while (isSpace(text.charCodeAt(before))) before--
    if (text.charCodeAt(before) === QUOTE) count++
  }
  return count
}

/** Strings that a colon follows. From quote to quote, so that long lists of numbers cost next to nothing. Needs valid JSON. */
function keysIn(text: string): { readonly count: number; readonly areEscaped: boolean } {
  let count = 0
  let areEscaped = false
  for (let open = text.indexOf('"'); open >= 0; ) {
    const close = endOfString(text, open)
    let after = close + 1
    while (isSpace(text.charCodeAt(after))) after++
    if (text.charCodeAt(after) === COLON) {
      count++
      areEscaped ||= text.slice(open, close).includes('\\')
    }
    open = text.indexOf('"', after)
  }
  return { count, areEscaped }
}

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57
const COLON = 58
const EXPONENT = 101 // 'e', after | 32
const LIST = 91
const LIST_END = 93
const OBJECT = 123
const OBJECT_END = 125

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** The first key that stands twice in its object; undefined: none does. Needs valid JSON. */
export function keyTwice(text: string): string | undefined {
  const levels: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === OBJECT || code === LIST) levels.push(new Set())
    else if (code === OBJECT_END || code === LIST_END) levels.pop()
    else if (code === QUOTE) {
      const close = endOfString(text, at)
      let after = close + 1
      while (isSpace(text.charCodeAt(after))) after++
      if (text.charCodeAt(after) === COLON) {
        const key = JSON.parse(text.slice(at, close + 1)) as string
        if (levels.at(-1)!.has(key)) return key
        levels.at(-1)!.add(key)
      }
      at = close
    }
  }
  return undefined
}

/** Whether JSON.parse may have rounded the integer that stands in the text. */
export function mayBeRounded(value: unknown): boolean {
  return typeof value === 'number' && !(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER)
}

/**
 * Whether JSON.parse may have made an integer of a field that is none in the text. Such a number has an exponent, or 16 digits and more that
 * are zeros or nines behind the point: at least 8 of them before it, or 7 behind. Elements of lists are not looked at. Needs valid JSON.
 */
export function mayLoseFraction(text: string): boolean {
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let first = colon + 1
    while (isSpace(text.charCodeAt(first))) first++
    if (text.charCodeAt(first) === MINUS) first++
    const point = endOfDigits(text, first)
    if (point === first) continue
    if (text.charCodeAt(point) === POINT) {
      const end = endOfDigits(text, point + 1)
      const isClose = isRun(text, point + 1, ZERO) || isRun(text, point + 1, NINE)
      if (isClose || point - first >= 8 || (text.charCodeAt(end) | 32) === EXPONENT) return true
    } else if ((text.charCodeAt(point) | 32) === EXPONENT) return true
  }
  return false
}

function endOfDigits(text: string, start: number): number {
  let end = start
  for (let code = text.charCodeAt(end); code >= ZERO && code < COLON; ) code = text.charCodeAt(++end)
  return end
}

/** Seven of this digit. */
function isRun(text: string, start: number, digit: number): boolean {
  for (let at = start; at < start + 7; at++) if (text.charCodeAt(at) !== digit) return false
  return true
}

/** Digits of the smallest integer that is infinite as a 64-bit float. */
const INFINITE_DIGITS = 309

/** An object or list that is being read, and where in it. */
interface Level {
  readonly holder: Record<string | number, unknown>
  readonly isList: boolean
  /** of the element that comes, in a list */
  index: number
  /** where its key stands in the text, quotes included, in an object */
  keyStart: number
  keyEnd: number
}

/**
 * Puts numbers into the object as they stand in the text it was read from, where the float tells too little: integers beyond ±(2^53 − 1)
 * as bigint, others as WrittenNumber (`decimalOf`). Elements of lists are floats as ever, but for those that no float holds.
 * Goes through the text once. (JSON.parse with a reviver that sees the sources takes 50 times as long.)
 * @param which 'fractions': no others than those whose fraction is lost
 */
export function restoreNumbers(
  { object, text }: JsonObject,
  which: 'all' | 'fractions' = 'all',
): Record<string, unknown> {
  const levels: Level[] = []
  let level: Level | undefined
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const close = endOfString(text, at)
      if (isKey) {
        level!.keyStart = at
        level!.keyEnd = close + 1
      }
      at = close
    } else if (code === OBJECT || code === LIST) {
      const holder = level === undefined ? object : (level.holder[placeIn(level, text)] as Level['holder'])
      level = { holder, isList: code === LIST, index: 0, keyStart: 0, keyEnd: 0 }
      levels.push(level)
      isKey = code === OBJECT
    } else if (code === OBJECT_END || code === LIST_END) {
      levels.pop()
      level = levels.at(-1)
      isKey = false
    } else if (code === COMMA) {
      if (level!.isList) level!.index++
      isKey = !level!.isList
    } else if (code === COLON) isKey = false
    else if (code === MINUS || (code >= ZERO && code < COLON)) {
      const end = endOfNumber(text, at)
      if (which === 'all' || !level!.isList) restore(level!, text, at, end, which)
      at = end - 1
    }
  }
  return object
}

function placeIn({ isList, index, keyStart, keyEnd }: Level, text: string): string | number {
  return isList ? index : (JSON.parse(text.slice(keyStart, keyEnd)) as string)
}

function restore(level: Level, text: string, start: number, end: number, which: 'all' | 'fractions'): void {
  const least = level.isList ? INFINITE_DIGITS : MIN_DIGITS
  if (end - start < least && !hasExponent(text, start, end)) return
  const place = placeIn(level, text)
  const value = level.holder[place] as number
  if (level.isList ? Number.isFinite(value) : which === 'fractions' && !Number.isSafeInteger(value)) return
  const source = text.slice(start, end)
  level.holder[place] = level.isList ? new WrittenNumber(source, value) : decimalOf(source, value)
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((text.charCodeAt(at) | 32) === EXPONENT) return true
  return false
}

/** Digits, point, exponent and signs: what a number may hold. Needs valid JSON. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1
  for (;;) {
    const code = text.charCodeAt(end)
    const isDigit = code >= ZERO && code < COLON
    if (!isDigit && code !== POINT && code !== 43 && code !== MINUS && (code | 32) !== EXPONENT) return end
    end++
  }
}
