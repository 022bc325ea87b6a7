// Five-field cron expressions, checked here so that a wrong one is not found first by the schedule's server, or never.
import { type Place, refuse, textOf } from '../../schemas/check.ts'

interface Field {
  readonly name: string
  /** inclusive */
  readonly low: number
  readonly high: number
  /** names of the values, the first one stands for `low` */
  readonly names?: readonly string[]
}

const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of month', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') },
  { name: 'day of week', low: 0, high: 7, names: 'SUN MON TUE WED THU FRI SAT'.split(' ') },
]

/** The values of each field at which a schedule fires; all of them must fit, day of month and day of week too. */
export interface CronFields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** of the month, from 1 */
  readonly days: readonly number[]
  /** from 1 */
  readonly months: readonly number[]
  /** 0 is Sunday */
  readonly weekdays: readonly number[]
}

/** The expression as it is: minute, hour, day of month, month, day of week (0 and 7 are Sunday); lists, ranges, steps and names. */
export function checkCron(place: Place, value: unknown): string {
  const text = textOf(place, value)
  const parts = text.split(' ')
  if (parts.length !== FIELDS.length) refuse(place, 'five fields with one space between them', text)
  for (const [index, field] of FIELDS.entries()) {
    if (valuesOf(parts[index]!, field) === null)
      refuse(place, `${field.name} within ${field.low}-${field.high}, *, a list, a range or a step`, parts[index])
  }
  return text
}

/** Of an expression that `checkCron` took. */
export function cronFields(expression: string): CronFields {
  const [minutes, hours, days, months, weekdays] = expression
    .split(' ')
    .map((part, index) => valuesOf(part, FIELDS[index]!) ?? []) as [number[], number[], number[], number[], number[]]
  return { minutes, hours, days, months, weekdays: [...new Set(weekdays.map((day) => day % 7))] }
}

/** null: it does not fit. */
function valuesOf(part: string, field: Field): number[] | null {
  const items = part.split(',').map((item) => valuesOfItem(item, field))
  return items.includes(null) ? null : [...new Set(items.flatMap((values) => values ?? []))]
}

function valuesOfItem(item: string, field: Field): number[] | null {
  const [range = '', step, ...more] = item.split('/')
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return null
  const span = range === '*' ? ([field.low, field.high] as const) : spanOf(range, field, step !== undefined)
  if (span === null) return null
  const every = Number(step ?? 1)
  return Array.from({ length: Math.floor((span[1] - span[0]) / every) + 1 }, (_, i) => span[0] + i * every)
}

/** A single value with a step goes on to the end of the field. */
function spanOf(range: string, field: Field, stepped: boolean): readonly [number, number] | null {
  const [from, to, ...rest] = range.split('-').map((text) => numberIn(text, field))
  if (rest.length > 0 || from == null || to === null) return null
  if (to === undefined) return [from, stepped ? field.high : from]
  return from <= to ? [from, to] : null
}

function numberIn(text: string, { low, high, names }: Field): number | null {
  const named = names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return low + named
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= low && value <= high ? value : null
}
