// One word for many names: what a wide table says once.
import { failure } from '../../schemas/failures.ts'

/** name → the word, in the order of the names. Throws PIPELINE_INVALID for a name that stands twice: it is another one misspelt. */
export function eachNamed<const N extends string, W>(
  word: string,
  names: readonly N[],
  value: W,
): Readonly<Record<N, W>> {
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice === undefined) return Object.fromEntries(names.map((name) => [name, value])) as Record<N, W>
  const found = `${twice} twice`
  throw failure('PIPELINE_INVALID', { pipeline: 'of this file', path: word, expected: 'names that differ', found })
}
