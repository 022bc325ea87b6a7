// Words cut to the columns of a terminal.

const DOTS = '…'

/** At most `columns` characters: what is in the middle goes, since names differ at both ends. */
export function cutMiddle(text: string, columns: number): string {
  const characters = [...text]
  if (characters.length <= columns) return text
  if (columns <= 1) return DOTS.slice(0, Math.max(0, columns))
  const head = Math.ceil((columns - 1) / 2)
  const tail = columns - 1 - head
  return [...characters.slice(0, head), DOTS, ...characters.slice(characters.length - tail)].join('')
}

/** What a person can do without, first things first, of a detail such as "4 %, epoch 4/100, step 32/800, loss 0.11, 8,061 examples/s". */
const DISPENSABLE = [/^[\d,.]+ \w+\/s$/, /^step /, /^epoch /, /^loss /]
const REMARK = / \([^)]*\)$/

/** At most `columns` characters of a list of words with commas: whole ones go, the first is the last to be cut. */
export function fitWords(text: string, columns: number): string {
  let words = text.split(', ')
  const isTooLong = (): boolean => words.join(', ').length > columns
  for (const pattern of DISPENSABLE) if (isTooLong()) words = words.filter((word) => !pattern.test(word))
  if (isTooLong()) words = words.map((word) => word.replace(REMARK, ''))
  while (isTooLong() && words.length > 1) words.pop()
  return cutMiddle(words.join(', '), columns)
}
