// '1 day', '90 minutes' → milliseconds.
import { type Place, refuse, textOf } from './check.ts'

const UNIT_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
const PATTERN = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?$/

/** Milliseconds of a duration, at least 1, an integer. */
export function durationMs(place: Place, value: unknown): number {
  const expected = "a duration such as '1 day' or '30 minutes'"
  const [, amount, unit] = PATTERN.exec(textOf(place, value, PATTERN, expected)) ?? []
  const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (!Number.isSafeInteger(ms) || ms < 1) refuse(place, `${expected}, in whole milliseconds`, value)
  return ms
}
