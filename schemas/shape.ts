// Shapes: what a value may be, said once. Its type is inferred from it, and data from outside is read by it, with refusals in the words
// of check.ts. No package is needed, so that workflows may load whatever is described with them.
import {
  type Bounds,
  entriesOf,
  type Fields,
  flagOf,
  inside,
  listOf,
  numberOf,
  oneOf,
  type Place,
  refuse,
  textOf,
} from './check.ts'

export interface Shape<T> {
  /** The value with its type. Throws INPUT_INVALID for another (PIPELINE_INVALID in a definition), with its place. */
  readonly read: (place: Place, value: unknown) => T
}

/** The type of the values that a shape reads. */
export type Of<S> = S extends Shape<infer T> ? T : never

/** A field that may be absent. */
export interface Optional<T> extends Shape<T> {
  readonly optional: true
}

export interface Words<V> extends Shape<V> {
  readonly values: readonly V[]
}

export type Shapes = Readonly<Record<string, Shape<unknown>>>

/** One type instead of an intersection, as an editor shows it; the comments of the fields stay with them. */
type Whole<T> = T extends infer W ? { [K in keyof W]: W[K] } : never

export type ObjectOf<F> = Whole<
  { readonly [K in keyof F as F[K] extends Optional<unknown> ? never : K]: Of<F[K]> } & {
    readonly [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: Of<F[K]>
  }
>

export interface ObjectShape<F> extends Shape<ObjectOf<F>> {
  readonly fields: F
}

/** Objects of several kinds: the kind stands in a field of its own, the first one. */
export interface KindsShape<D extends string, K> extends Shape<Of<{ [N in keyof K]: KindShape<D, K, N> }[keyof K]>> {
  readonly kinds: { readonly [N in keyof K]: KindShape<D, K, N> }
}
type KindShape<D extends string, K, N extends keyof K> = ObjectShape<Whole<{ readonly [_ in D]: Words<N> } & K[N]>>

export const flag: Shape<boolean> = { read: flagOf }

export const number = (bounds: Bounds = {}): Shape<number> => ({
  read: (place, value) => numberOf(place, value, bounds),
})

/** Not empty, and as the pattern says, which `expected` puts into words. */
export const text = (pattern?: RegExp, expected?: string): Shape<string> => ({
  read: (place, value) => textOf(place, value, pattern, expected),
})

/** 64 hex digits in lower case. */
export const sha256 = text(/^[0-9a-f]{64}$/, 'a sha256')

/** One of these words. */
export const words = <const V extends string>(...values: readonly V[]): Words<V> => ({
  values,
  read: (place, value) => oneOf(place, value, values),
})

export const onlyTrue: Shape<true> = {
  read: (place, value) => (value === true ? value : refuse(place, 'true', value)),
}

/** At least `min` values, which `expected` puts into words. */
export const list = <T>(
  of: Shape<T>,
  { min = 0, expected = `a list of at least ${min}` }: { readonly min?: number; readonly expected?: string } = {},
): Shape<readonly T[]> => ({
  read: (place, value) => {
    const values = listOf(place, value).map((each, i) => of.read(inside(place, i), each))
    if (values.length < min) refuse(place, expected, value)
    return values
  },
})

/** A list of as many values as there are names, which `expected` puts into words. */
export const tuple = <T, const N extends readonly string[]>(
  of: Shape<T>,
  names: N,
  expected: string,
): Shape<{ readonly [I in keyof N]: T }> => ({
  read: (place, value) => {
    const values = listOf(place, value).map((each, i) => of.read(inside(place, i), each))
    if (values.length !== names.length) refuse(place, expected, value)
    return values as never
  },
})

/** Any names, each with a value of this shape. */
export const byName = <T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  read: (place, value) =>
    Object.fromEntries(
      Object.entries(entriesOf(place, value)).map(([name, each]) => [name, of.read(inside(place, name), each)]),
    ),
})

export const optional = <T>(of: Shape<T>): Optional<T> => ({ read: of.read, optional: true })

export const nullable = <T>(of: Shape<T>): Shape<T | null> => ({
  read: (place, value) => (value === null ? null : of.read(place, value)),
})

/** The second where the first is no list: what is found tells them apart. */
export const listOr = <T, V>(values: Shape<readonly T[]>, other: Shape<V>): Shape<readonly T[] | V> => ({
  read: (place, value) => (Array.isArray(value) ? values : other).read(place, value),
})

/** An object with these fields and no others: nothing is ignored in silence. */
export const object = <F extends Shapes>(fields: F): ObjectShape<F> => ({
  fields,
  read: (place, value) => {
    const given = entriesOf(place, value)
    for (const key of Object.keys(given))
      if (!Object.hasOwn(fields, key)) refuse(inside(place, key), 'no field of that name', given[key])
    return fieldsRead(place, given, fields) as ObjectOf<F>
  },
})

/** An object with these fields; others are kept as they are. */
export const open = <F extends Shapes>(fields: F): ObjectShape<F> => ({
  fields,
  read: (place, value) => {
    const given = entriesOf(place, value)
    return { ...given, ...(fieldsRead(place, given, fields) as ObjectOf<F>) }
  },
})

/** `field` says which of the kinds an object is, and so which fields it has beside. */
export function byKind<const D extends string, const K extends Readonly<Record<string, Shapes>>>(
  field: D,
  fieldsOf: K,
): KindsShape<D, K> {
  const kinds = Object.fromEntries(
    Object.entries(fieldsOf).map(([kind, fields]) => [kind, object({ [field]: words(kind), ...fields })]),
  )
  const read = (place: Place, value: unknown) => {
    const kind = oneOf(inside(place, field), entriesOf(place, value)[field], Object.keys(kinds))
    return kinds[kind]!.read(place, value)
  }
  return { kinds, read } as unknown as KindsShape<D, K>
}

/** In the order in which they are given. */
function fieldsRead(place: Place, given: Fields, fields: Shapes): object {
  const names = [...new Set([...Object.keys(given), ...Object.keys(fields)])]
  const read = names
    .filter((name) => Object.hasOwn(fields, name) && (given[name] !== undefined || !isOptional(fields[name]!)))
    .map((name) => [name, fields[name]!.read(inside(place, name), given[name])])
  return Object.fromEntries(read)
}

export function isOptional(shape: Shape<unknown>): boolean {
  return 'optional' in shape
}
