// What a sample of events shows of each of its fields: kinds of values, ranges, how many differ.

import { millisecondsOfText } from '../../core/rfc3339.ts'
import { isObject } from '../../core/strict-json.ts'
import { WrittenNumber } from '../../schemas/written-number.ts'

/** A field of the sample, nested ones by their path. */
export interface FieldProfile {
  /** keys from the event inwards */
  readonly path: readonly string[]
  /** values that are neither absent nor null */
  readonly present: number
  /** present values by kind; an integer counts as a number too */
  readonly booleans: number
  readonly integers: number
  readonly numbers: number
  /** integers beyond ±(2^53 − 1) */
  readonly wide: number
  readonly texts: number
  /** lists of numbers */
  readonly lists: number
  /** texts that are RFC 3339 dates or times */
  readonly times: number
  /** of numbers, and of the elements of lists; NaN without any */
  readonly min: number
  readonly max: number
  /** of lists, smallest and largest */
  readonly lengths: readonly [shortest: number, longest: number] | null
  readonly integerElements: boolean
  /** UTF-8 bytes of the longest text */
  readonly maxBytes: number
  /** words of all texts */
  readonly words: number
  /** value as text → how often; null: more than MAX_DISTINCT differ */
  readonly distinct: ReadonlyMap<string, number> | null
}

export interface SampleProfile {
  readonly rows: number
  /** in the order of their first appearance */
  readonly fields: readonly FieldProfile[]
}

const MAX_DISTINCT = 100_000
/** from here on JavaScript writes numbers with an exponent, which no integer has */
const EXPONENT = 1e21
/** levels of nested objects that are looked into */
const MAX_DEPTH = 5

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Open = Omit<Writable<FieldProfile>, 'distinct' | 'lengths'> & {
  distinct: Map<string, number> | null
  lengths: [number, number] | null
}

/** `rows`: events as JSON values, bigints for integers of which a number would lose digits; what is no object counts as a row without fields. */
export function profileSample(rows: Iterable<unknown>): SampleProfile {
  const fields = new Map<string, Open>()
  let count = 0
  for (const row of rows) {
    count++
    if (isObject(row)) addObject(fields, [], row)
  }
  return { rows: count, fields: [...fields.values()] }
}

function addObject(
  fields: Map<string, Open>,
  above: readonly string[],
  object: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(object)) {
    const path = [...above, key]
    if (isObject(value) && path.length < MAX_DEPTH) addObject(fields, path, value)
    else add(openField(fields, path), value instanceof WrittenNumber ? value.value : value)
  }
}

function openField(fields: Map<string, Open>, path: readonly string[]): Open {
  const key = JSON.stringify(path)
  const known = fields.get(key)
  if (known !== undefined) return known
  const counts = {
    present: 0,
    booleans: 0,
    integers: 0,
    numbers: 0,
    wide: 0,
    texts: 0,
    lists: 0,
    times: 0,
    maxBytes: 0,
    words: 0,
  }
  const range = { min: Number.NaN, max: Number.NaN, lengths: null, integerElements: true }
  const opened: Open = { path, ...counts, ...range, distinct: new Map() }
  fields.set(key, opened)
  return opened
}

function add(field: Open, value: unknown): void {
  if (value === null || value === undefined) return
  field.present++
  if (typeof value === 'boolean') field.booleans++
  else if (typeof value === 'number' || typeof value === 'bigint') {
    field.numbers++
    if (typeof value === 'bigint' || (Number.isInteger(value) && Math.abs(value) < EXPONENT)) {
      field.integers++
      if (!Number.isSafeInteger(value)) field.wide++
    }
    widen(field, Number(value))
  } else if (typeof value === 'string') {
    field.texts++
    if (!Number.isNaN(millisecondsOfText(value))) field.times++
    field.maxBytes = Math.max(field.maxBytes, Buffer.byteLength(value))
    field.words += value.split(/\s+/).filter((word) => word !== '').length
  } else if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')) {
    addList(field, value as number[])
    return // how many lists differ says nothing
  }
  count(field, typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function addList(field: Open, list: readonly number[]): void {
  field.lists++
  const [shortest, longest] = field.lengths ?? [list.length, list.length]
  field.lengths = [Math.min(shortest, list.length), Math.max(longest, list.length)]
  for (const element of list) {
    widen(field, element)
    if (!Number.isInteger(element)) field.integerElements = false
  }
}

function widen(field: Open, value: number): void {
  if (!(field.min <= value)) field.min = value // NaN gives way
  if (!(field.max >= value)) field.max = value
}

function count(field: Open, text: string): void {
  if (field.distinct === null) return
  field.distinct.set(text, (field.distinct.get(text) ?? 0) + 1)
  if (field.distinct.size > MAX_DISTINCT) field.distinct = null
}
