// A value as the text of a message: what was found where something else was expected.
import { WrittenNumber } from './written-number.ts'

/**
 * As JSON, at most `limit` UTF-16 units, always well-formed. undefined: nothing. Numbers that JSON does not have by name (NaN, Infinity),
 * integers of any size in digits, numbers beyond floats as they were written, bytes by their count, a function as "a function".
 */
export function shown(value: unknown, limit = 60): string {
  const text = textOf(value)
  return text.length > limit ? `${text.slice(0, limit - 3).toWellFormed()}...` : text
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof WrittenNumber) return value.text
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return JSON.stringify(value, nameless) ?? `a ${typeof value}`
}

/** What JSON.stringify would refuse, or write as null. */
function nameless(_key: string, inner: unknown): unknown {
  const isNameless = typeof inner === 'bigint' || (typeof inner === 'number' && !Number.isFinite(inner))
  return isNameless ? String(inner) : inner
}
