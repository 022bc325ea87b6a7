// Whether a cron expression ever comes: 30 February does not, and an hour that summer time skips on that very day does not either.
import type { CronFields } from './cron.ts'

/** Years that are looked at: every date falls on every day of the week in 28 of them, and a time zone may put the last one's evening into the next. Zones keep their rules for the future, as far as is known. */
const FIRST_YEAR = 2030
const YEARS = 29
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The clock of a time zone: what it shows, minus UTC, in milliseconds. */
type OffsetAt = (ms: number) => number

/** `timezone`: an IANA name. */
export function comesEver({ minutes, hours, days, months, weekdays }: CronFields, timezone: string): boolean {
  const offsetAt = clockOf(timezone)
  for (let year = FIRST_YEAR; year < FIRST_YEAR + YEARS; year++) {
    for (const month of months) {
      for (const day of days) {
        const midnight = new Date(Date.UTC(year, month - 1, day))
        const isDate = midnight.getUTCMonth() === month - 1
        if (!isDate || !weekdays.includes(midnight.getUTCDay())) continue
        const times = hours.flatMap((hour) =>
          minutes.map((minute) => midnight.getTime() + (hour * 60 + minute) * 60_000),
        )
        if (times.some((shown) => isShown(shown, offsetAt))) return true
      }
    }
  }
  return false
}

/**
 * Whether the clock shows the hour of this time, written as if it were UTC. As Temporal does it: where summer time skips a whole hour, its
 * times do not come; where it skips half of one, they come half an hour later.
 */
function isShown(time: number, offsetAt: OffsetAt): boolean {
  const around = [offsetAt(time - DAY_MS), offsetAt(time + DAY_MS)].map((offset) => time - offset)
  return around.some((ms) => hourOf(ms + offsetAt(ms)) === hourOf(time))
}

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS)

function clockOf(timezone: string): OffsetAt {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, hourCycle: 'h23', ...numeric, second: 'numeric' })
  return (ms) => {
    const at = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    return Date.UTC(at.year!, at.month! - 1, at.day, at.hour, at.minute, at.second) - ms
  }
}
