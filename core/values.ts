// One JSON value against its column: the rules that decode (ingest) and requests (serving) share.
import type { ColumnSpec } from '../schemas/columns.ts'

/** A parsed value: string for id, category and text; number for number, flag (0 or 1) and time (ms); array for numbers. null: missing. */
export type Value = string | number | readonly number[] | null

export type Parsed =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string; readonly found: string }

/** RFC 3339 date or date-time; a date alone is midnight UTC. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** JSON may hold half a surrogate pair ("\ud800"), UTF-8 may not: stored, different strings would become one. */
const WELL_FORMED = 'well-formed Unicode'

/** Reads one field of an event or request. undefined and null are missing values. */
export function parseValue(spec: ColumnSpec, json: unknown): Parsed {
  if (json === undefined || json === null) {
    return spec.kind === 'id' ? refuse('a non-empty string or an integer', json) : { ok: true, value: null }
  }
  switch (spec.kind) {
    case 'id':
      return parseId(json)
    case 'time':
      return parseTime(json)
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
  if (Number.isSafeInteger(json)) return { ok: true, value: String(json) }
  return refuse('a non-empty string or an integer', json)
}

function parseTime(json: unknown): Parsed {
  if (Number.isSafeInteger(json)) return { ok: true, value: json as number }
  if (typeof json === 'string' && ISO_TIME.test(json)) {
    const ms = Date.parse(json)
    if (!Number.isNaN(ms)) return { ok: true, value: ms }
  }
  return refuse('an RFC 3339 time or integer milliseconds', json)
}

function parseCategory(spec: Extract<ColumnSpec, { kind: 'category' }>, json: unknown): Parsed {
  const text = typeof json === 'number' && Number.isSafeInteger(json) ? String(json) : json
  if (typeof text !== 'string') return refuse('a string', json)
  if (!text.isWellFormed()) return refuse(WELL_FORMED, json)
  if (spec.values !== undefined && !spec.values.includes(text)) return refuse(`one of ${spec.values.join(', ')}`, json)
  return { ok: true, value: text }
}

function parseNumber(spec: Extract<ColumnSpec, { kind: 'number' }>, json: unknown): Parsed {
  if (typeof json !== 'number' || !Number.isFinite(json)) return refuse('a finite number', json)
  if (spec.min !== undefined && json < spec.min) return refuse(`a number ≥ ${spec.min}`, json)
  if (spec.max !== undefined && json > spec.max) return refuse(`a number ≤ ${spec.max}`, json)
  return { ok: true, value: json }
}

function parseFlag(json: unknown): Parsed {
  if (json === true || json === 1) return { ok: true, value: 1 }
  if (json === false || json === 0) return { ok: true, value: 0 }
  return refuse('true or false', json)
}

function parseNumbers(spec: Extract<ColumnSpec, { kind: 'numbers' }>, json: unknown): Parsed {
  if (!Array.isArray(json)) return refuse(`a list of ${spec.length} numbers`, json)
  if (json.length !== spec.length) return refuseAs(`a list of ${spec.length} numbers`, `${json.length} elements`)
  for (let i = 0; i < json.length; i++) {
    const x: unknown = json[i]
    if (typeof x !== 'number' || !(x >= spec.min && x <= spec.max) || (spec.integers && !Number.isInteger(x))) {
      return refuseAs(
        `${spec.integers ? 'integers' : 'numbers'} in [${spec.min}, ${spec.max}]`,
        `${show(x)} at index ${i}`,
      )
    }
  }
  return { ok: true, value: json as number[] }
}

function parseText(spec: Extract<ColumnSpec, { kind: 'text' }>, json: unknown): Parsed {
  if (typeof json !== 'string') return refuse('a string', json)
  if (!json.isWellFormed()) return refuse(WELL_FORMED, json)
  if (Buffer.byteLength(json) > spec.maxBytes)
    return refuseAs(`at most ${spec.maxBytes} bytes`, `${Buffer.byteLength(json)} bytes`)
  return { ok: true, value: json }
}

function refuse(expected: string, found: unknown): Parsed {
  return refuseAs(expected, show(found))
}

function refuseAs(expected: string, found: string): Parsed {
  return { ok: false, expected, found }
}

/** Short enough for a reason in a rejects file. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57).toWellFormed()}...` : text
}
