// When a cron trigger comes next, on the clock of its time zone.
import type { Upcoming } from '../../workers/schedules.ts'

const SHOWN = 5

export interface NextTimes extends Omit<Upcoming, 'times'> {
  /** the next five, RFC 3339 with the offset from UTC that the zone has then */
  readonly times: readonly string[]
}

export function nextTimes({ times, ...rest }: Upcoming): NextTimes {
  return { ...rest, times: times.slice(0, SHOWN).map((time) => onTheClock(time, rest.timezone)) }
}

/** One line for the trigger, one for each time. */
export function describeNext({ expression, timezone, paused, times }: NextTimes): string[] {
  const what = `cron ${expression} (${timezone})`
  if (times.length === 0) return [`${what}: Temporal knows no time at which it comes`]
  const note = paused ? ' is paused; without the pause it would come' : ' comes next'
  return [`${what}${note}`, ...times.map((time) => `  ${weekday(time)} ${time.replace('T', ' ')}`)]
}

/** "2026-12-07T05:00:00+01:00" */
function onTheClock(time: Date, timezone: string): string {
  const numeric = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  const options = {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    ...numeric,
    timeZoneName: 'longOffset',
  } as const
  const parts = new Intl.DateTimeFormat('en', options).formatToParts(time)
  const at = Object.fromEntries(parts.map(({ type, value }) => [type, value]))
  const offset = at.timeZoneName!.replace('GMT', '') || '+00:00'
  return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}:${at.second}${offset}`
}

function weekday(time: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: 'UTC', weekday: 'short' }).format(new Date(time.slice(0, 10)))
}
