// Which words of a JSON value differ from an earlier one, for a person: "train.optimizer.rate 0.001 → 0.002".
import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../core/strict-json.ts'
import { inside } from '../schemas/check.ts'
import { shown } from '../schemas/shown.ts'

/** Differences told one by one; beyond that they are counted. */
const MAX_TOLD = 3
/** characters of a value, and of the path to it */
const MAX_VALUE = 40
const MAX_PATH = 80

/** By field, name or place. */
type Parts = ReadonlyMap<string | number, unknown>

/** One line of at most some hundred characters, however large the values are. Lists of named things are compared by their names. */
export function tellDifferences(before: unknown, now: unknown): string {
  const all = everyDifference(before, now)
  const rest = all.length - MAX_TOLD
  const told = all.slice(0, MAX_TOLD)
  return [...told, ...(rest <= 0 ? [] : [`and ${rest} more`])].join(', ')
}

/** A line for each difference, e.g. "train.optimizer.rate 0.001 → 0.002"; none: they are equal. */
export function everyDifference(before: unknown, now: unknown): string[] {
  return differences('', before, now).map(({ path, change }) => `${shortPath(path)} ${change}`)
}

interface Difference {
  /** '' for the whole */
  readonly path: string
  readonly change: string
}

function differences(path: string, before: unknown, now: unknown): Difference[] {
  if (isDeepStrictEqual(before, now)) return []
  if (before === undefined) return [{ path, change: `is new: ${shown(now, MAX_VALUE)}` }]
  if (now === undefined) return [{ path, change: `is gone, was ${shown(before, MAX_VALUE)}` }]
  if (Array.isArray(before) && Array.isArray(now)) return listDifferences(path, before, now)
  if (isObject(before) && isObject(now)) return partDifferences(path, fieldsOf(before), fieldsOf(now))
  return [{ path, change: fromTo(before, now) }]
}

function partDifferences(path: string, before: Parts, now: Parts): Difference[] {
  const keys = [...new Set([...now.keys(), ...before.keys()])]
  return keys.flatMap((key) => differences(inside({ what: '', path }, key).path, before.get(key), now.get(key)))
}

function listDifferences(path: string, before: readonly unknown[], now: readonly unknown[]): Difference[] {
  const [old, current] = [byName(before), byName(now)]
  if (old === null || current === null) return [{ path, change: valueDifferences(before, now) }]
  const inner = partDifferences(path, old, current)
  return inner.length > 0 ? inner : [{ path, change: 'in another order' }]
}

/** Columns and rules by their name, features by their column, other objects by their place; null: a list of values. */
function byName(list: readonly unknown[]): Parts | null {
  if (!list.every(isObject)) return null
  const names = list.map(({ name, column }) => name ?? column)
  const own = names.every((name) => typeof name === 'string') && new Set(names).size === names.length
  return new Map(list.map((each, index) => [own ? (names[index] as string) : index, each]))
}

/** Short lists whole, of long ones what came and what went. */
function valueDifferences(before: readonly unknown[], now: readonly unknown[]): string {
  const whole = [before, now].every((list) => shown(list, Number.POSITIVE_INFINITY).length <= MAX_VALUE)
  if (whole) return fromTo(before, now)
  const [old, current] = [new Set(before.map(textOf)), new Set(now.map(textOf))]
  const came = now.filter((value) => !old.has(textOf(value)))
  const went = before.filter((value) => !current.has(textOf(value)))
  if (came.length + went.length === 0) return 'in another order'
  return [some('with', came), some('without', went)].filter((part) => part !== '').join(' and ')
}

function some(word: string, values: readonly unknown[]): string {
  if (values.length === 0) return ''
  const more = values.length === 1 ? '' : ` and ${values.length - 1} more`
  return `${word} ${shown(values[0], MAX_VALUE)}${more}`
}

const fromTo = (before: unknown, now: unknown): string => `${shown(before, MAX_VALUE)} → ${shown(now, MAX_VALUE)}`

const textOf = (value: unknown): string => shown(value, Number.POSITIVE_INFINITY)

/** The end of a path says most. */
function shortPath(path: string): string {
  if (path === '') return 'it'
  return path.length > MAX_PATH ? `...${path.slice(3 - MAX_PATH).toWellFormed()}` : path
}

const fieldsOf = (value: object): Parts => new Map(Object.entries(value))
