// The vocabulary of a text column: from training rows, the frequent first, whatever the batches.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { transformFit } from '../../clean/fit.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import type { TokensSpec } from '../../schemas/plan.ts'
import { batchOf } from './rows.ts'

const SPEC = [{ name: 'x', kind: 'text', maxBytes: 1_000 }] as const
type Cells = readonly (string | null)[]

function vocabularyOf(feature: TokensSpec, ...batches: Cells[]): FittedTokens {
  const fitting = transformFit({ name: 'p', columns: SPEC, features: [feature] })
  for (const cells of batches) {
    fitting.add(
      batchOf(
        SPEC,
        cells.map((x, offset) => ({ cells: { x }, partition: 0, offset, key: null })),
      ),
    )
  }
  const { features, width } = fitting.finish()
  expect(width).toBe(features[0]!.width)
  return features[0] as FittedTokens
}

const words = (vocabulary: number): TokensSpec => ({ column: 'x', encode: 'words', vocabulary, length: 5 })
const characters = (alphabet: number): TokensSpec => ({ column: 'x', encode: 'characters', alphabet, context: 5 })

describe('a vocabulary', () => {
  it('takes frequent words, equals in byte order', () => {
    const fitted = vocabularyOf(words(5), ['Zoo the, ü the', null, '😀 \uFF5E b zoo'])
    // UTF-16 order would put the emoji before U+FF5E
    expect(fitted).toEqual({
      column: 'x',
      encode: 'tokens',
      unit: 'words',
      width: 5,
      vocabulary: ['the', 'zoo', ',', 'b', 'ü'],
    })
    expect(vocabularyOf(words(100), ['Zoo the, ü the', null, '😀 \uFF5E b zoo']).vocabulary.slice(5)).toEqual([
      '\uFF5E',
      '😀',
    ])
  })
  it('takes characters as they are', () => {
    expect(vocabularyOf(characters(3), ['aAab\n', 'a']).vocabulary).toEqual(['a', '\n', 'A'])
    expect(vocabularyOf(characters(3), ['aAab']).context).toBe(5)
    expect(vocabularyOf(characters(3), ['aAab']).width).toBe(6)
  })
  it('does not depend on batches', () => {
    const text = fc.option(fc.string({ unit: fc.constantFrom('a', 'b', 'ü', ' ', "'"), maxLength: 9 }))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.nat(8), fc.integer({ min: 1, max: 4 }), (cells, cut, size) => {
        fc.pre(cells.some((cell) => (cell ?? '').trim() !== ''))
        expect(vocabularyOf(words(size), cells.slice(0, cut), cells.slice(cut))).toEqual(
          vocabularyOf(words(size), cells),
        )
      }),
    )
  })
  it('holds the most frequent, by plain counting', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 4 }), (cell, size) => {
        const count = (letter: string) => cell.split(letter).length - 1
        const expected = [...new Set(cell)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1)).slice(0, size)
        expect(vocabularyOf(characters(size), [cell]).vocabulary).toEqual(expected)
      }),
    )
  })
  it('is refused where there is no token', () => {
    expect(() => vocabularyOf(words(3), [null, '  '])).toThrow(/feature x.*no word or character at all/)
  })
})
