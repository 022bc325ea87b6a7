// Five-field cron expressions, checked here so that a wrong one is not found first by the schedule's server.
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

/** The expression as it is: minute, hour, day of month, month, day of week (0 and 7 are Sunday); lists, ranges, steps and names. */
export function checkCron(place: Place, value: unknown): string {
  const text = textOf(place, value)
  const parts = text.split(' ')
  if (parts.length !== FIELDS.length) refuse(place, 'five fields with one space between them', text)
  for (const [index, field] of FIELDS.entries()) {
    if (!parts[index]!.split(',').every((item) => fits(item, field)))
      refuse(place, `${field.name} within ${field.low}-${field.high}, *, a list, a range or a step`, parts[index])
  }
  return text
}

function fits(item: string, field: Field): boolean {
  const [range = '', step, ...more] = item.split('/')
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false
  if (range === '*') return true
  const [from, to = from, ...rest] = range.split('-').map((text) => numberIn(text, field))
  return rest.length === 0 && from !== null && to !== null && from! <= to!
}

function numberIn(text: string, { low, high, names }: Field): number | null {
  const named = names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return low + named
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= low && value <= high ? value : null
}
