// Which known name may be meant by one that is not known.

/** Names that `known` holds and that look like the given one, in their order. */
export type SimilarNames = (name: string) => readonly string[]

/** A name that is so much longer than each known one looks like none, however much of it is punctuation. */
const TOO_LONG = 4

/** Compiled once; each look-up costs a few steps per known name of about the same length. */
export function similarTo(known: readonly string[]): SimilarNames {
  const names = known.map((name) => ({ name, plain: plain(name), edits: Math.floor(plain(name).length / 4) }))
  const longest = Math.max(0, ...known.map(({ length }) => length))
  return (given) => {
    if (given.length > TOO_LONG * longest) return []
    const text = plain(given)
    return names.filter((each) => isWithin(text, each.plain, each.edits)).map(({ name }) => name)
  }
}

/** The same letters in another case or with other separators are the same name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Whether Levenshtein's distance is at most `edits`; one row of the table at a time, until no way through it is short enough. */
function isWithin(a: string, b: string, edits: number): boolean {
  if (a === b) return true
  if (Math.abs(a.length - b.length) > edits) return false
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const distance = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1)
      row.push(distance)
      if (distance < least) least = distance
    }
    if (least > edits) return false
    above = row
  }
  return above[b.length]! <= edits
}
