// Checks of one place in data from outside: each returns the value with its type, or fails with path, expected and found.
import { failure } from './failures.ts'
import { listed, shown } from './shown.ts'

/** Where in which data, e.g. {pipeline: 'digits', path: 'train.model.hidden[0]'}. */
export type Place = { readonly path: string } & (
  | {
      /** of a pipeline's definition: its name */
      readonly pipeline: string
    }
  | {
      /** of anything else: what it is, e.g. "trainer job" */
      readonly what: string
    }
)

export type Fields = Readonly<Record<string, unknown>>

const MAX_SHOWN = 80

/** The place of a field: identifiers after a dot, anything else in brackets. */
export function inside(place: Place, key: string | number): Place {
  const step = typeof key === 'number' || !/^[A-Za-z_]\w*$/.test(key) ? `[${JSON.stringify(key)}]` : `.${key}`
  return { ...place, path: place.path === '' ? step.replace(/^\./, '') : place.path + step }
}

/** Throws PIPELINE_INVALID for a definition, else INPUT_INVALID. */
export function refuse(place: Place, expected: string, value: unknown): never {
  const found = shown(value, MAX_SHOWN)
  if ('pipeline' in place)
    throw failure('PIPELINE_INVALID', { ...place, path: place.path || 'definition', expected, found })
  throw failure('INPUT_INVALID', { ...place, path: place.path || 'input', expected, found })
}

/** A plain object with exactly these keys; a key that is not known is refused, because nothing may be silently ignored. */
export function fieldsOf(
  place: Place,
  value: unknown,
  keys: { readonly required: readonly string[]; readonly optional?: readonly string[] },
): Fields {
  const fields = entriesOf(place, value)
  const known = [...keys.required, ...(keys.optional ?? [])]
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) refuse(inside(place, key), `one of ${known.join(', ')}`, key)
  }
  for (const key of keys.required) {
    if (fields[key] === undefined) refuse(inside(place, key), 'a value', undefined)
  }
  return fields
}

/** A plain object with any keys. */
export function entriesOf(place: Place, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(place, 'an object', value)
  return value as Fields
}

export function listOf(place: Place, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) refuse(place, 'a list', value)
  return value as readonly unknown[]
}

/** Text that is not empty and fits the pattern, which `expected` puts into words. */
export function textOf(place: Place, value: unknown, pattern = /\S/, expected = 'a text that is not empty'): string {
  if (typeof value !== 'string' || !pattern.test(value)) refuse(place, expected, value)
  return value as string
}

export function flagOf(place: Place, value: unknown): boolean {
  if (typeof value !== 'boolean') refuse(place, 'true or false', value)
  return value as boolean
}

/** `above` and `below` are exclusive, `min` and `max` inclusive. */
export interface Bounds {
  readonly min?: number
  readonly max?: number
  readonly above?: number
  readonly below?: number
  readonly integer?: boolean
}

export function numberOf(place: Place, value: unknown, bounds: Bounds = {}): number {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity, integer = false } = bounds
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    value > above &&
    value < below &&
    (!integer || Number.isSafeInteger(value))
  if (!fits) refuse(place, describe(bounds), value)
  return (value as number) + 0 // −0 has no form of its own in JSON
}

export function oneOf<T extends string>(place: Place, value: unknown, values: readonly T[]): T {
  const found = values.find((known) => known === value)
  if (found === undefined) refuse(place, values.length === 0 ? 'nothing here' : `one of ${listed(values)}`, value)
  return found as T
}

function describe({ min, max, above, below, integer }: Bounds): string {
  const limits = [
    min === undefined ? '' : `≥ ${min}`,
    above === undefined ? '' : `> ${above}`,
    max === undefined ? '' : `≤ ${max}`,
    below === undefined ? '' : `< ${below}`,
  ].filter((limit) => limit !== '')
  return [integer ? 'an integer' : 'a finite number', limits.join(' and ')].join(' ').trim()
}
