// One field of a sample → the column that it probably is, with why, as far as that is not plain.
import type { FieldProfile } from './profile.ts'

export interface ProposedColumn {
  readonly name: string
  /** where the value stands, unless in a field of the column's name */
  readonly from?: string
  readonly kind: 'id' | 'time' | 'category' | 'number' | 'flag' | 'numbers' | 'text'
  /** arguments of the column's word as they are written, without `from`; of a closed category its values */
  readonly options: Readonly<Record<string, unknown>>
  readonly values?: readonly string[]
  readonly field: FieldProfile
  /** for the person who reads the file */
  readonly notes: readonly string[]
}

/** more values than these are an open category */
const CLOSED_VALUES = 12
const TOP = 20
/** words of a text on average, from which on it says something by its words */
const SENTENCE_WORDS = 4
const MAIL = /^[^@\s]+@[^@\s]+\.[a-z]{2,}$/i
const DECIMAL_COMMA = /^[-+]?\d+(\.\d{3})*(,\d+)?$/
/** as databases and data frames write them: without a zone */
const LOCAL_TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/
/** milliseconds of the years 2000 to 2099 */
const MS_FROM = Date.UTC(2000)
const MS_UNTIL = Date.UTC(2100)

/** null: nothing that a column can hold, or lists of different lengths. */
export function proposeColumn(field: FieldProfile, name: string, rows: number): ProposedColumn | null {
  const from = field.path.length === 1 && field.path[0] === name ? {} : { from: field.path.join('.') }
  const missing = rows - field.present
  const notes = missing === 0 ? [] : [`${missing} of ${rows} have none`]
  const made = columnOf(field, rows)
  if (made === null) return null
  return { name, ...from, field, ...made, notes: [...(made.notes ?? []), ...notes] }
}

type Made = Pick<ProposedColumn, 'kind' | 'options'> & Partial<Pick<ProposedColumn, 'values' | 'notes'>>

function columnOf(field: FieldProfile, rows: number): Made | null {
  const { present, booleans, integers, numbers, wide, texts, lists } = field
  if (present === 0) return null
  if (booleans === present || isBit(field)) return { kind: 'flag', options: {} }
  if (numbers === present && wide > 0) return wideColumn(field)
  if (numbers === present) return numberColumn(field)
  if (lists === present) return listColumn(field)
  if (texts === present) return textColumn(field, rows)
  if (texts + integers < present) return null
  return { kind: 'category', options: { top: TOP }, notes: ['texts and numbers: which of them is meant?'] }
}

/** 0 and 1, and both occur. */
function isBit({ present, integers, distinct }: FieldProfile): boolean {
  return integers === present && distinct?.size === 2 && distinct.has('0') && distinct.has('1')
}

function numberColumn({ present, integers, min, max }: FieldProfile): Made {
  if (integers === present && min >= MS_FROM && max < MS_UNTIL) {
    const [first, last] = [min, max].map((ms) => new Date(ms).toISOString().slice(0, 10))
    return { kind: 'time', options: {}, notes: [`taken as milliseconds, ${first} to ${last}`] }
  }
  return { kind: 'number', options: min >= 0 ? { min: 0 } : {}, notes: [`${shown(min)} to ${shown(max)}`] }
}

/** Numbers of which a float may lose digits are refused as such. */
function wideColumn({ present, integers }: FieldProfile): Made | null {
  if (integers < present) return null
  return { kind: 'category', options: { top: TOP }, notes: ['beyond 2^53: exact as an id or a category alone'] }
}

function listColumn({ lengths, min, max, integerElements }: FieldProfile): Made | null {
  const [shortest, longest] = lengths!
  if (shortest !== longest) return null
  const bytes = integerElements && min >= 0 && max <= 255
  const bounds = bytes ? { min: 0, max: 255, integers: true } : { min, max }
  const notes = bytes ? [] : ['bounds are those of the sample: what lies outside is rejected']
  return { kind: 'numbers', options: { length: longest, ...bounds }, notes }
}

function textColumn(field: FieldProfile, rows: number): Made {
  const { present, times, words, distinct } = field
  if (times === present) return { kind: 'time', options: {} }
  const differ = distinct?.size ?? Number.POSITIVE_INFINITY
  const looks = looksLike(distinct === null ? [] : [...distinct.keys()].slice(0, 100))
  if (looks !== null) return { kind: 'text', options: { maxBytes: bytesFor(field) }, notes: [looks] }
  if (words / present >= SENTENCE_WORDS && differ > CLOSED_VALUES) {
    return { kind: 'text', options: { maxBytes: bytesFor(field) } }
  }
  if (differ >= 2 && differ <= CLOSED_VALUES && differ < rows / 2 && !hasBlank(field)) {
    const values = [...distinct!.keys()].sort()
    return { kind: 'category', options: {}, values }
  }
  if (differ <= rows / 2) return { kind: 'category', options: { top: TOP }, notes: [`${differ} values`] }
  return { kind: 'text', options: { maxBytes: bytesFor(field) }, notes: [`${differ} of ${present} differ: a name?`] }
}

/** A blank text is no value that a closed category names. */
export const hasBlank = ({ distinct }: FieldProfile): boolean =>
  [...(distinct?.keys() ?? [])].some((text) => text.trim() === '')

/** Texts that are something else, with what to do. */
function looksLike(texts: readonly string[]): string | null {
  const all = (form: RegExp): boolean => texts.length > 0 && texts.every((text) => form.test(text))
  if (all(MAIL)) return "looks like e-mail addresses: personal: 'hash', 'mask' or 'drop' keeps them out of the store"
  if (all(DECIMAL_COMMA) && texts.some((text) => text.includes(',')))
    return 'looks like numbers with a decimal comma: with a point they are column.number()'
  if (all(LOCAL_TIME)) return 'looks like times without a zone: as 2026-01-31T12:00:00Z they are column.time()'
  return null
}

/** Twice the longest, in whole hundreds: what comes later may be longer. */
const bytesFor = ({ maxBytes }: FieldProfile): number => 100 * Math.max(1, Math.ceil((2 * maxBytes) / 100))

const shown = (value: number): string => String(Number(value.toPrecision(6)))
