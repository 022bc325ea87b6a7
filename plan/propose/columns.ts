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
  const { present, booleans, integers, numbers, texts, lists } = field
  if (present === 0) return null
  if (booleans === present || isBit(field)) return { kind: 'flag', options: {} }
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

function numberColumn({ min, max }: FieldProfile): Made {
  return { kind: 'number', options: min >= 0 ? { min: 0 } : {}, notes: [`${shown(min)} to ${shown(max)}`] }
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
  const mails = distinct !== null && [...distinct.keys()].slice(0, 100).every((text) => MAIL.test(text))
  if (mails) {
    const notes = ["looks like e-mail addresses: personal: 'hash', 'mask' or 'drop' keeps them out of the store"]
    return { kind: 'text', options: { maxBytes: bytesFor(field) }, notes }
  }
  if (words / present >= SENTENCE_WORDS && differ > CLOSED_VALUES) {
    return { kind: 'text', options: { maxBytes: bytesFor(field) } }
  }
  if (differ >= 2 && differ <= CLOSED_VALUES && differ < rows / 2) {
    const values = [...distinct!.keys()].sort()
    return { kind: 'category', options: {}, values }
  }
  if (differ <= rows / 2) return { kind: 'category', options: { top: TOP }, notes: [`${differ} values`] }
  return { kind: 'text', options: { maxBytes: bytesFor(field) }, notes: [`${differ} of ${present} differ: a name?`] }
}

/** Twice the longest, in whole hundreds: what comes later may be longer. */
const bytesFor = ({ maxBytes }: FieldProfile): number => 100 * Math.max(1, Math.ceil((2 * maxBytes) / 100))

const shown = (value: number): string => String(Number(value.toPrecision(6)))
