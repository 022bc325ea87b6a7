// One value of an event against its column: the rules that decode (ingest) and requests (serving) share.
import type { ColumnSpec, TimeUnit } from '../schemas/columns.ts'
import { shown } from '../schemas/shown.ts'

/** A parsed value: string for id, category and text; number for number, flag (0 or 1) and time (ms); array for numbers. null: missing. */
export type Value = string | number | readonly number[] | null

export type Parsed =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string; readonly found: string }

/** RFC 3339 date or date-time; a date alone is midnight UTC. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** JSON may hold half a surrogate pair ("\ud800"), UTF-8 may not: stored, different strings would become one. */
const WELL_FORMED = 'well-formed Unicode'

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
 * Besides JSON values it takes what other formats have: bigint (an exact 64-bit integer), Date (a time that knows its unit),
 * Uint8Array (bytes: a list of numbers in 0..255) and Misfit.
 */
export function parseValue(spec: ColumnSpec, json: unknown): Parsed {
  if (json instanceof Misfit) return refuseAs(json.expected, json.found)
  if (json === undefined || json === null) {
    return spec.kind === 'id' ? refuse('a non-empty string or an integer', json) : { ok: true, value: null }
  }
  switch (spec.kind) {
    case 'id':
      return parseId(json)
    case 'time':
      return parseTime(spec, json)
    case 'category':
      return parseCategory(spec, json)
    case 'number':
      return parseNumber(spec, json)
    case 'flag':
      return parseFlag(json)
    case 'numbers':
      return parseNumbers(spec, json)
    case 'text':
      return parseText(spec, json)
  }
}

function parseId(json: unknown): Parsed {
  if (typeof json === 'string' && !json.isWellFormed()) return refuse(WELL_FORMED, json)
  if (typeof json === 'string' && json !== '') return { ok: true, value: json }
  if (Number.isSafeInteger(json) || typeof json === 'bigint') return { ok: true, value: String(json) }
  return refuse('a non-empty string or an integer', json)
}

const UNIT_WORDS = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' } as const

function parseTime({ unit = 'ms' }: Extract<ColumnSpec, { kind: 'time' }>, json: unknown): Parsed {
  const time = json instanceof Date ? json.getTime() : millisecondsOf(json, unit)
  if (Number.isSafeInteger(time)) return { ok: true, value: time! }
  if (typeof json === 'string' && ISO_TIME.test(json)) {
    const ms = Date.parse(json)
    if (!Number.isNaN(ms)) return { ok: true, value: ms }
  }
  return refuse(`an RFC 3339 time or integer ${UNIT_WORDS[unit]}`, json)
}

/** undefined: not an integer. Finer units are cut off towards the past. */
function millisecondsOf(json: unknown, unit: TimeUnit): number | undefined {
  if (typeof json === 'bigint') {
    if (unit !== 'us' && unit !== 'ns') return undefined
    const divisor = unit === 'us' ? 1000n : 1_000_000n
    const rest = ((json % divisor) + divisor) % divisor
    return Number((json - rest) / divisor)
  }
  if (!Number.isSafeInteger(json)) return undefined
  const count = json as number
  if (unit === 'ms') return count
  if (unit === 's') return count * 1000
  return Math.floor(count / (unit === 'us' ? 1000 : 1e6))
}

function parseCategory(spec: Extract<ColumnSpec, { kind: 'category' }>, json: unknown): Parsed {
  const text = Number.isSafeInteger(json) || typeof json === 'bigint' ? String(json) : json
  if (typeof text !== 'string') return refuse('a string', json)
  if (!text.isWellFormed()) return refuse(WELL_FORMED, json)
  if (spec.values !== undefined && !spec.values.includes(text)) return refuse(`one of ${spec.values.join(', ')}`, json)
  return { ok: true, value: text }
}

function parseNumber(spec: Extract<ColumnSpec, { kind: 'number' }>, json: unknown): Parsed {
  const number = typeof json === 'bigint' ? Number(json) : json
  if (typeof number !== 'number' || !Number.isFinite(number)) return refuse('a finite number', json)
  if (typeof json === 'bigint' && BigInt(number) !== json)
    return refuse('an integer that a 64-bit float holds exactly', json)
  if (spec.min !== undefined && number < spec.min) return refuse(`a number ≥ ${spec.min}`, json)
  if (spec.max !== undefined && number > spec.max) return refuse(`a number ≤ ${spec.max}`, json)
  return { ok: true, value: number }
}

function parseFlag(json: unknown): Parsed {
  if (json === true || json === 1) return { ok: true, value: 1 }
  if (json === false || json === 0) return { ok: true, value: 0 }
  return refuse('true or false', json)
}

function parseNumbers(spec: Extract<ColumnSpec, { kind: 'numbers' }>, given: unknown): Parsed {
  const json: unknown = given instanceof Uint8Array ? [...given] : given
  if (!Array.isArray(json)) return refuse(`a list of ${spec.length} numbers`, json)
  if (json.length !== spec.length) return refuseAs(`a list of ${spec.length} numbers`, `${json.length} elements`)
  for (let i = 0; i < json.length; i++) {
    const x: unknown = json[i]
    if (typeof x !== 'number' || !(x >= spec.min && x <= spec.max) || (spec.integers && !Number.isInteger(x))) {
      return refuseAs(
        `${spec.integers ? 'integers' : 'numbers'} in [${spec.min}, ${spec.max}]`,
        `${shown(x)} at index ${i}`,
      )
    }
  }
  return { ok: true, value: json as number[] }
}

function parseText(spec: Extract<ColumnSpec, { kind: 'text' }>, json: unknown): Parsed {
  if (typeof json !== 'string') return refuse('a string', json)
  if (!json.isWellFormed()) return refuse(WELL_FORMED, json)
  const bytes = json.length * 3 <= spec.maxBytes ? 0 : utf8Bytes(json) // a UTF-16 unit is at most three bytes of UTF-8
  if (bytes > spec.maxBytes) return refuseAs(`at most ${spec.maxBytes} bytes`, `${bytes} bytes`)
  return { ok: true, value: json }
}

/** Bytes of well-formed text in UTF-8; also where there is no Buffer, in a browser. */
function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2 // two units of a pair make four bytes
  }
  return bytes
}

function refuse(expected: string, found: unknown): Parsed {
  return refuseAs(expected, shown(found))
}

function refuseAs(expected: string, found: string): Parsed {
  return { ok: false, expected, found }
}
