// Dates and times in text → milliseconds since the epoch: the grammar of RFC 3339 (section 5.6) and its calendar (section 5.7).

/**
 * A date, or a date and a time with an offset. Beyond the grammar seconds may be left out, as ISO 8601 allows; the letters may be small,
 * as the RFC says of its grammar.
 */
const FORM = /^\d{4}-\d{2}-\d{2}(?:[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/

const ZERO = 48
const SMALL_Z = 122 // and 'Z', after | 32
const SECONDS_AT = 17
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** Leap days of the years 1 to 1969. */
const LEAP_DAYS_BEFORE_1970 = 477

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Whether the calendar has this day; years 0 to 9999. False for NaN. */
export function isDay(year: number, month: number, day: number): boolean {
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return false
  return day <= DAYS_IN_MONTH[month - 1]! + (month === 2 && isLeapYear(year) ? 1 : 0)
}

/** Days since 1970-01-01 of a day that the calendar has. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - LEAP_DAYS_BEFORE_1970
  const ofThisYear = DAYS_BEFORE_MONTH[month - 1]! + (month > 2 && isLeapYear(year) ? 1 : 0) + day - 1
  return (year - 1970) * 365 + leapDays + ofThisYear
}

/** Whether a clock shows this time; it has no leap seconds. False for NaN. */
export function isTimeOfDay(hour: number, minute: number, second: number): boolean {
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

/**
 * NaN: another form, or a day, time or offset that does not exist. A date alone is midnight UTC. Digits behind the third of a fraction are
 * cut off. The offset −00:00 is UTC, of which it says that nobody knows where the clock stood. A leap second is refused: the count of
 * milliseconds has no place for it, and its neighbours are other times.
 */
export function millisecondsOfText(text: string): number {
  if (!FORM.test(text)) return Number.NaN
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  if (!isDay(year, month, day)) return Number.NaN
  const midnight = daysSinceEpoch(year, month, day) * DAY_MS
  return text.length === 10 ? midnight : midnight + millisecondsOfDay(text)
}

/** Behind the date; the offset is taken off. */
function millisecondsOfDay(text: string): number {
  const hasSeconds = text[SECONDS_AT - 1] === ':'
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = hasSeconds ? digits(text, SECONDS_AT, 2) : 0
  if (!isTimeOfDay(hour, minute, second)) return Number.NaN
  const milliseconds = text[SECONDS_AT + 2] === '.' ? fractionAt(text, SECONDS_AT + 3) : 0
  return hour * 60 * MINUTE_MS + minute * MINUTE_MS + second * 1000 + milliseconds - offsetOf(text)
}

/** Of a second, in milliseconds: the first three digits from `start`, or as many as there are. */
function fractionAt(text: string, start: number): number {
  let milliseconds = 0
  for (let at = start, place = 100; place >= 1; at++, place /= 10) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    milliseconds += digit * place
  }
  return milliseconds
}

/** Milliseconds by which the clock is before UTC. */
function offsetOf(text: string): number {
  if ((text.charCodeAt(text.length - 1) | 32) === SMALL_Z) return 0
  const at = text.length - 6
  const hour = digits(text, at + 1, 2)
  const minute = digits(text, at + 4, 2)
  if (!isTimeOfDay(hour, minute, 0)) return Number.NaN
  return (hour * 60 + minute) * MINUTE_MS * (text[at] === '-' ? -1 : 1)
}

/** Whether nothing but its second, which is 60, keeps the text from being a time. */
export function isLeapSecond(text: string): boolean {
  return (
    text.slice(SECONDS_AT - 1, SECONDS_AT + 2) === ':60' &&
    !Number.isNaN(millisecondsOfText(`${text.slice(0, SECONDS_AT)}59${text.slice(SECONDS_AT + 2)}`))
  )
}

/** Where the form has digits. */
function digits(text: string, start: number, count: number): number {
  let value = 0
  for (let at = start; at < start + count; at++) value = value * 10 + text.charCodeAt(at) - ZERO
  return value
}
