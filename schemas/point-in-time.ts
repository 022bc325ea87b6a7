// Times as a person reads them: the day, the minute and the zone; and how far away they are.

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Milliseconds since the epoch → "Mon 7 Dec 2026, 14:00 UTC". Without Intl: workflows repeat it to the letter on any machine. */
export function showTime(atMs: number): string {
  const at = new Date(atMs)
  const clock = at.toISOString().slice(11, 16)
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`
}

/** Milliseconds → "6 days", "1 hour", "20 minutes": whole ones of the largest unit of which there are some, rounded down. */
export function showSpan(ms: number): string {
  if (ms < MINUTE) return 'less than a minute'
  const [unit, name] = ms >= 2 * DAY ? [DAY, 'day'] : ms >= HOUR ? [HOUR, 'hour'] : [MINUTE, 'minute']
  const count = Math.floor(ms / unit)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** "in 6 days", "2 hours ago"; for what is printed at once and not kept: it is stale a moment later. */
export function showDistance(atMs: number, nowMs: number): string {
  return atMs >= nowMs ? `in ${showSpan(atMs - nowMs)}` : `${showSpan(nowMs - atMs)} ago`
}
