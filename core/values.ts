// One value of an event against its column's rule: what decode (ingest) and requests (serving) share.
import type { ColumnSpec } from '../schemas/columns.ts'
import { listed, shown } from '../schemas/shown.ts'
import {
  CLOCKS,
  exactMillisecondsOf,
  fits,
  isExactInteger,
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

/** RFC 3339 date or date-time; a date alone is midnight UTC. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

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
 * Besides JSON values it takes what other formats have: bigint (an exact integer of any size), Date (a time that knows its unit),
 * Uint8Array (bytes: a list of numbers in 0..255) and Misfit.
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

function parseTime(rule: Rule, json: unknown): Parsed {
  const ms = millisecondsIn(rule, json)
  return takes(rule, ms) ? { ok: true, value: ms } : refuse(`an RFC 3339 time or integer ${rule.clock.words}`, json)
}

/** NaN: no time. */
function millisecondsIn({ clock }: Rule, json: unknown): number {
  if (json instanceof Date) return json.getTime()
  if (isExactInteger(json)) return exactMillisecondsOf(json, clock)
  return typeof json === 'string' && ISO_TIME.test(json) ? Date.parse(json) : Number.NaN
}

function parseCategory(rule: Rule, json: unknown): Parsed {
  const text = isExactInteger(json) ? String(json) : json
  return typeof text === 'string' ? parseText(rule, text, json) : refuse('a string', json)
}

function parseNumber(rule: Rule, json: unknown): Parsed {
  const number = typeof json === 'bigint' ? Number(json) : json
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
    if (typeof x !== 'number' || !takes(rule, x))
      return refuseAs(`${integers ? 'integers' : 'numbers'} in [${min}, ${max}]`, `${shown(x)} at index ${i}`)
  }
  return { ok: true, value: json.map(elementOf) as number[] }
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
