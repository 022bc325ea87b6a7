// A word whose fields are those of a shape of the plan: read by it, defaults filled in.
import { type Fields, fieldsOf, inside, type Place } from '../../schemas/check.ts'
import { isOptional, type ObjectOf, type ObjectShape, type Of, type Shapes } from '../../schemas/shape.ts'

/** Throws PIPELINE_INVALID for a field that is not known, for one that has to be said, and for a wrong value. */
export function resolveWord<F extends Shapes>(
  place: Place,
  word: unknown,
  shape: ObjectShape<F>,
  defaults: Partial<ObjectOf<F>> = {},
): ObjectOf<F> {
  return shape.read(place, filledWord(place, word, shape.fields, defaults))
}

/** The fields of a word and its defaults, unread. */
export function filledWord(place: Place, word: unknown, fields: Shapes, defaults: Fields): Fields {
  const given = fieldsLike(place, word, fields, Object.keys(defaults))
  const filled = Object.entries(defaults).map(([name, value]) => [name, given[name] ?? value])
  return { ...given, ...Object.fromEntries(filled) }
}

/**
 * What a word says, unread, in the order of the fields; undefined where it says nothing. Other fields are refused; all must be said but
 * the optional ones and those that are named here.
 */
export function fieldsLike(place: Place, word: unknown, fields: Shapes, mayBeAbsent: readonly string[] = []): Fields {
  const isNeeded = (name: string): boolean => !isOptional(fields[name]!) && !mayBeAbsent.includes(name)
  const names = Object.keys(fields)
  const optional = names.filter((name) => !isNeeded(name))
  const said = fieldsOf(place, word, { required: names.filter(isNeeded), optional })
  return Object.fromEntries(names.map((name) => [name, said[name]]))
}

/** One of the fields, by its shape. */
export function fieldOf<F extends Shapes, K extends keyof F & string>(
  place: Place,
  given: Fields,
  { fields }: ObjectShape<F>,
  name: K,
): Of<F[K]> {
  return fields[name]!.read(inside(place, name), given[name]) as Of<F[K]>
}
