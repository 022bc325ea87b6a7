// What a column takes, as data. parseValue judges by it, and the readers that go from bytes into columns have all their limits from it.
import { type ColumnKind, type ColumnSpec, elementsAreBytes, type TimeUnit } from '../schemas/columns.ts'

/** One shape for all kinds, so that code which reads it stays fast. */
export interface Rule {
  readonly kind: ColumnKind
  /** Inclusive: of a number, a flag or an element; of a text in bytes of UTF-8; of a time in milliseconds since the epoch. */
  readonly min: number
  readonly max: number
  /** no fractions */
  readonly integers: boolean
  /** a missing value is refused */
  readonly required: boolean
  /** the only texts that are taken, in their order; null: any */
  readonly allowed: ReadonlySet<string> | null
  /** what an integer of a time column counts */
  readonly clock: Clock
  /** elements of a list; 0: no list */
  readonly length: number
  /** how elements are stored; float32 rounds them to the nearest, which with `integers` must be the number itself */
  readonly element: 'byte' | 'float32'
}

/** milliseconds = ⌊count · times / over⌋; one of the two is 1. */
export interface Clock {
  readonly times: number
  readonly over: number
  /** what is counted, for messages */
  readonly words: string
}

export const CLOCKS: Readonly<Record<TimeUnit, Clock>> = {
  s: { times: 1000, over: 1, words: 'seconds' },
  ms: { times: 1, over: 1, words: 'milliseconds' },
  us: { times: 1, over: 1000, words: 'microseconds' },
  ns: { times: 1, over: 1_000_000, words: 'nanoseconds' },
}

/** The largest time either way that a Date holds, and so do columns: exported, a time is a Date. */
export const MAX_DATE_MS = 8.64e15

/** The largest 64-bit float either way whose nearest 32-bit float is finite: the next one is halfway between the last of them and 2^128. */
export const MAX_FLOAT32 = 3.4028235677973362e38

/** What google.protobuf.Timestamp says of its parts: the years 1 to 9999, and fractions that count forwards. */
export const TIMESTAMP = { minSeconds: -62_135_596_800, maxSeconds: 253_402_300_799, maxNanos: 999_999_999 } as const

const ANY: Omit<Rule, 'kind'> = {
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  integers: false,
  required: false,
  allowed: null,
  clock: CLOCKS.ms,
  length: 0,
  element: 'float32',
}

const known = new WeakMap<ColumnSpec, Rule>()

/** Made once per spec. */
export function ruleOf(spec: ColumnSpec): Rule {
  const made = known.get(spec)
  if (made !== undefined) return made
  const rule = { kind: spec.kind, ...ANY, ...limitsOf(spec) }
  known.set(spec, rule)
  return rule
}

function limitsOf(spec: ColumnSpec): Partial<Rule> {
  switch (spec.kind) {
    case 'id':
      return { min: 1, max: Infinity, required: true }
    case 'text':
      return { min: 0, max: spec.maxBytes }
    case 'category':
      return { min: 0, max: Infinity, allowed: spec.values === undefined ? null : new Set(spec.values) }
    case 'number':
      return { min: spec.min ?? ANY.min, max: spec.max ?? ANY.max }
    case 'flag':
      return { min: 0, max: 1, integers: true }
    case 'time':
      return {
        min: -MAX_DATE_MS,
        max: MAX_DATE_MS,
        integers: true,
        clock: CLOCKS[spec.unit ?? 'ms'],
      }
    case 'numbers': {
      const { integers, length } = spec
      // JSON's integers in lists are read as floats, which beyond that may have been others
      const limit = integers ? Number.MAX_SAFE_INTEGER : MAX_FLOAT32
      const [min, max] = [Math.max(spec.min, -limit), Math.min(spec.max, limit)]
      return { min, max, integers, length, element: elementsAreBytes(spec) ? 'byte' : 'float32' }
    }
  }
}

/** Whether a number is within the rule: what is stored of a number, a flag, an element or a time, or the bytes of a text. NaN never is. */
export function takes(rule: Rule, x: number): boolean {
  return fits(x, rule.min, rule.max, rule.integers)
}

/** The same for loops over many numbers, which read the rule's limits once. */
export function fits(x: number, min: number, max: number, integers: boolean): boolean {
  return x >= min && x <= max && (!integers || Number.isInteger(x))
}

/** Whether a number may be an element: within the rule, and if it shall be an integer, one that a 32-bit float holds exactly. */
export function fitsElement(x: number, min: number, max: number, integers: boolean): boolean {
  return fits(x, min, max, integers) && (!integers || Math.fround(x) === x)
}

/** Whether every byte is within the rule, so that none needs to be looked at. */
export function takesBytes(rule: Rule): boolean {
  return takes(rule, 0) && takes(rule, 255)
}

/** Whether a text is within the rule: JSON may hold half a surrogate pair ("\ud800"), UTF-8 may not, and stored, different texts would become one. */
export function takesText(rule: Rule, text: string): boolean {
  const isTaken = rule.allowed === null || rule.allowed.has(text)
  return isTaken && text.isWellFormed() && takesLength(rule, text)
}

/** The bytes of a well-formed text; a UTF-16 unit is one to three of them. */
function takesLength(rule: Rule, text: string): boolean {
  const units = text.length
  return (units >= rule.min && units * 3 <= rule.max) || takes(rule, utf8Bytes(text))
}

/** Bytes of well-formed text in UTF-8; also where there is no Buffer, in a browser. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2 // two units of a pair make four bytes
  }
  return bytes
}

/** An integer of which no digit is lost: a bigint stands for those beyond 2^53. */
export function isExactInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

/** Of a count that is an exact integer; finer parts are cut off towards the past. */
export function millisecondsOf(count: number, { times, over }: Clock): number {
  return over === 1 ? count * times : Math.floor(count / over)
}

/** The same for integers of any size; a result beyond 2^53 is no exact one any more. */
export function exactMillisecondsOf(count: number | bigint, clock: Clock): number {
  if (typeof count === 'number') return millisecondsOf(count, clock)
  const scaled = count * BigInt(clock.times)
  const over = BigInt(clock.over)
  const rest = ((scaled % over) + over) % over
  return Number((scaled - rest) / over)
}
