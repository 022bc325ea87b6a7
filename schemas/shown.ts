// A value as the text of a message: what was found where something else was expected.
import { rawNumber, WrittenNumber } from './written-number.ts'

/**
 * As JSON, at most `limit` UTF-16 units, always well-formed. undefined: nothing. Numbers that JSON does not have by name (NaN, Infinity),
 * integers of any size in digits, numbers beyond floats as they were written, bytes by their count, a function as "a function".
 */
export function shown(value: unknown, limit = 60): string {
  return shortened(textOf(value), limit)
}

/** At most `limit` UTF-16 units, always well-formed: three dots stand for the rest. */
export function shortened(text: string, limit: number): string {
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
  if (typeof inner === 'bigint') return rawNumber(String(inner))
  return typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner
}

/** Names that are listed whole: as many as any word of a definition has. */
const MAX_LISTED = 30
/** UTF-16 units of each */
const MAX_NAME = 60

/** "a, b, c"; of many names the first ones and how many more there are. */
export function listed(names: readonly string[] | ReadonlySet<string>): string {
  const count = 'size' in names ? names.size : names.length
  const told: string[] = []
  for (const name of names) {
    if (told.length === MAX_LISTED) break
    told.push(shortened(name, MAX_NAME))
  }
  return `${told.join(', ')}${count > told.length ? ` and ${count - told.length} more` : ''}`
}
