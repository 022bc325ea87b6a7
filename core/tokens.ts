// Text as tokens: the same words and characters in every JavaScript engine, in training, serving and a browser.

/** What a text is cut into. */
export type TokenUnit = 'words' | 'characters'

/** What a token id means where it is no entry of the vocabulary; vocabulary[i] has the id i + FIRST_ID. */
export const PADDING_ID = 0
export const UNKNOWN_ID = 1
export const FIRST_ID = 2

/**
 * One token a match: letters with their marks, joined by apostrophes; digits; a line break; any other character that is not white space.
 * No part of the pattern can match the same characters in two ways, so it is linear in the text.
 */
const WORD = /[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*|\p{N}+|\n|[^\s\p{L}\p{M}\p{N}]/gu

/**
 * words: Unicode's composed form (NFC) in lower case, ’ written as '; then runs of letters (with inner apostrophes), runs of digits,
 * line breaks (several in a row are one), and every punctuation mark or symbol by itself; other white space only separates.
 * characters: code points as they are. Locales play no part. Engines agree as far as their Unicode versions do, which differ in new
 * characters alone. `limit`: stops after so many tokens.
 */
export function tokensOf(unit: TokenUnit, text: string, limit = Number.POSITIVE_INFINITY): string[] {
  return unit === 'words' ? wordsOf(text, limit) : charactersOf(text, limit)
}

function wordsOf(text: string, limit: number): string[] {
  const tokens: string[] = []
  const plain = text.normalize('NFC').toLowerCase().replaceAll('’', "'")
  for (const [token] of plain.matchAll(WORD)) {
    if (tokens.length >= limit) break
    if (token !== '\n' || tokens.at(-1) !== '\n') tokens.push(token)
  }
  return tokens
}

function charactersOf(text: string, limit: number): string[] {
  const tokens: string[] = []
  for (const character of text) {
    if (tokens.length >= limit) break
    tokens.push(character)
  }
  return tokens
}

/** Marks before which, and after which, words are written without a space. */
const CLOSING = /^[.,;:!?)\]}%”]$/u
const OPENING = /^[([{“]$/u

/**
 * Text again, token after token: each call returns what its token adds. Characters: what they were. Words: with a space between them,
 * except around line breaks, before closing and after opening marks; a straight quotation mark opens and closes in turn.
 */
export function tokenWriter(unit: TokenUnit): (token: string) => string {
  if (unit === 'characters') return (token) => token
  let before: string | null = null
  let quoted = false
  return (token) => {
    const closes = CLOSING.test(token) || (token === '"' && quoted)
    const glued = before === null || before === '\n' || OPENING.test(before) || (before === '"' && quoted)
    if (token === '"') quoted = !quoted
    before = token
    return glued || closes || token === '\n' ? token : ` ${token}`
  }
}
