// One value of an event against its column's rule: what decode (ingest) and requests (serving) share.
import type { ColumnSpec } from '../schemas/columns.ts'
import { listed, shown } from '../schemas/shown.ts'
import { WrittenNumber } from '../schemas/written-number.ts'
import { isLeapSecond, millisecondsOfText } from './rfc3339.ts'
import {
  CLOCKS,
  type Clock,
  exactMillisecondsOf,
  fits,
  fitsElement,
  isExactInteger,
  MAX_DATE_MS,
  MAX_FLOAT32,
  type Rule,
  ruleOf,
  takes,
  takesText,
  utf8Bytes,
} from './rule.ts'

/** A parsed value: string for id, category and text; number for number, flag (0 or 1) and time (ms); array for numbers. null: missing. */
export type Value = string | number | readonly number[] | null

export type Parsed =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string; readonly found: string }

const ID = 'a non-empty string or an integer'

/** Stands for a value that a decoder could not read as any JSON value: its column refuses it with these words. */
export class Misfit {
  readonly expected: string
  readonly found: string
  constructor(expected: string, found: string) {
    this.expected = expected
    this.found = found
  }
}

/**
 * Reads one field of an event or request. undefined and null are missing values.
 * Besides JSON values it takes what other formats have: bigint (an exact integer of any size), WrittenNumber (which only columns of floats
 * take), Date (a time that knows its unit), Uint8Array (bytes: a list of numbers in 0..255) and Misfit.
 */
export function parseValue(spec: ColumnSpec, json: unknown): Parsed {
  return parseByRule(ruleOf(spec), json)
}

/** The same for who has the column's rule at hand. */
export function parseByRule(rule: Rule, json: unknown): Parsed {
  if (json instanceof Misfit) return refuseAs(json.expected, json.found)
  if (json === undefined || json === null) return rule.required ? refuse(ID, json) : { ok: true, value: null }
  switch (rule.kind) {
    case 'id':
      return parseId(rule, json)
    case 'time':
      return parseTime(rule, json)
    case 'category':
      return parseCategory(rule, json)
    case 'number':
      return parseNumber(rule, json)
    case 'flag':
      return parseFlag(rule, json)
    case 'numbers':
      return parseNumbers(rule, json)
    case 'text':
      return typeof json === 'string' ? parseText(rule, json) : refuse('a string', json)
  }
}

/** A check that is true only for values which parseByRule accepts as they are; false says nothing. Made once per column, it makes no object per value. */
export function plainOf(rule: Rule): (json: unknown) => boolean {
  const { kind, clock, min, max, integers } = rule
  if (kind === 'number' || (kind === 'time' && clock === CLOCKS.ms))
    return (json) => typeof json === 'number' && fits(json, min, max, integers)
  if (kind === 'id' || kind === 'text' || kind === 'category')
    return (json) => typeof json === 'string' && takesText(rule, json)
  return () => false
}

function parseId(rule: Rule, json: unknown): Parsed {
  const text = isExactInteger(json) ? String(json) : json
  return typeof text === 'string' && text !== '' ? parseText(rule, text) : refuse(ID, json)
}

/** The text says 60 seconds, which RFC 3339 allows for a leap second. */
const LEAP_SECOND = 'seconds up to 59: milliseconds since the epoch have no place for a leap second'

function parseTime(rule: Rule, json: unknown): Parsed {
  const ms = millisecondsIn(rule, json)
  if (takes(rule, ms)) return { ok: true, value: ms }
  const isLeap = typeof json === 'string' && isLeapSecond(json)
  return refuse(isLeap ? LEAP_SECOND : `an RFC 3339 time or integer ${rule.clock.words}`, json)
}

/** NaN: no time. */
function millisecondsIn({ clock }: Rule, json: unknown): number {
  if (json instanceof Date) return json.getTime()
  if (isExactInteger(json)) return exactMillisecondsOf(json, clock)
  return typeof json === 'string' ? millisecondsOfText(json) : Number.NaN
}

/** A count whose unit is known as a time; a Misfit where no Date holds it. */
export function instantOf(count: number | bigint, clock: Clock): Date | Misfit {
  const ms = exactMillisecondsOf(count, clock)
  if (Math.abs(ms) <= MAX_DATE_MS) return new Date(ms)
  return new Misfit(`a time within ${MAX_DATE_MS} milliseconds of 1970`, `${count} ${clock.words}`)
}

function parseCategory(rule: Rule, json: unknown): Parsed {
  const text = isExactInteger(json) ? String(json) : json
  return typeof text === 'string' ? parseText(rule, text, json) : refuse('a string', json)
}

function parseNumber(rule: Rule, json: unknown): Parsed {
  const number = typeof json === 'bigint' ? Number(json) : json instanceof WrittenNumber ? json.value : json
  if (typeof number !== 'number' || !Number.isFinite(number)) return refuse('a finite number', json)
  if (typeof json === 'bigint' && BigInt(number) !== json)
    return refuse('an integer that a 64-bit float holds exactly', json)
  if (takes(rule, number)) return { ok: true, value: number }
  return refuse(number < rule.min ? `a number ≥ ${rule.min}` : `a number ≤ ${rule.max}`, json)
}

function parseFlag(rule: Rule, json: unknown): Parsed {
  const number = typeof json === 'boolean' ? Number(json) : json
  if (typeof number === 'number' && takes(rule, number)) return { ok: true, value: number === 0 ? 0 : 1 }
  return refuse('true or false', json)
}

function parseNumbers(rule: Rule, given: unknown): Parsed {
  const { length, min, max, integers } = rule
  const json: unknown = given instanceof Uint8Array ? [...given] : given
  if (!Array.isArray(json)) return refuse(`a list of ${length} numbers`, json)
  if (json.length !== length) return refuseAs(`a list of ${length} numbers`, `${json.length} elements`)
  for (let i = 0; i < json.length; i++) {
    const x = elementOf(json[i])
    if (typeof x !== 'number' || !fitsElement(x, min, max, integers))
      return refuseAs(expectedElements(rule, x), `${shown(x)} at index ${i}`)
  }
  return { ok: true, value: json.map(elementOf) as number[] }
}

/** What the column's elements are, said of one that is none. */
function expectedElements({ min, max, integers }: Rule, x: unknown): string {
  if (typeof x === 'number' && fits(x, min, max, integers)) return 'integers that a 32-bit float holds exactly'
  const number = x instanceof WrittenNumber ? x.value : x
  const isBeyond =
    typeof number === 'number' && ((number > max && max === MAX_FLOAT32) || (number < min && min === -MAX_FLOAT32))
  return isBeyond ? 'numbers in the range of 32-bit floats' : `${integers ? 'integers' : 'numbers'} in [${min}, ${max}]`
}

/** Elements are floats in every format, as JSON.parse reads them: an integer beyond 2^53 is the nearest. */
export function elementOf(x: unknown): unknown {
  return typeof x === 'bigint' ? Number(x) : x
}

/** `json`: what was found, where the text was made of it. */
function parseText(rule: Rule, text: string, json: unknown = text): Parsed {
  if (takesText(rule, text)) return { ok: true, value: text }
  if (!text.isWellFormed()) return refuse('well-formed Unicode', json)
  if (rule.allowed !== null && !rule.allowed.has(text)) return refuse(`one of ${listed(rule.allowed)}`, json)
  return refuseAs(`at most ${rule.max} bytes`, `${utf8Bytes(text)} bytes`)
}

function refuse(expected: string, found: unknown): Parsed {
  return refuseAs(expected, shown(found))
}

function refuseAs(expected: string, found: string): Parsed {
  return { ok: false, expected, found }
}
