// Text as tokens: what is cut where, and text again.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TokenUnit, tokensOf, tokenWriter } from '../../core/tokens.ts'
import golden from '../fixtures/core/tokens.json' with { type: 'json' }

const textAgain = (unit: TokenUnit, text: string): string => tokensOf(unit, text).map(tokenWriter(unit)).join('')

describe('words', () => {
  it('are letters, digits, marks, line breaks', () => {
    expect(tokensOf('words', 'Don’t PANIC: 42 €!\n\n  "Ünïcode—naïve" x2')).toEqual([
      ...["don't", 'panic', ':', '42', '€', '!', '\n', '"', 'ünïcode', '—', 'naïve', '"', 'x', '2'],
    ])
  })
  it('keep apostrophes inside a word only', () => {
    expect(tokensOf('words', "'tis the ship's' o'clock'n")).toEqual([
      ...["'", 'tis', 'the', "ship's", "'", "o'clock'n"],
    ])
  })
  it('compose marks and keep others', () => {
    expect(tokensOf('words', 'cafe\u0301')).toEqual(['café'])
    expect(tokensOf('words', 'x\u0323\u0307y')).toEqual(['ẋ\u0323y'.normalize('NFC')])
  })
  it('know scripts and symbols beyond the BMP', () => {
    expect(tokensOf('words', '𝒳 привет 你好 👍🏽')).toEqual(['𝒳', 'привет', '你好', '👍', '🏽'])
  })
  it('lose nothing but case and space', () => {
    const bare = (text: string) => text.normalize('NFC').toLowerCase().replaceAll('’', "'").replace(/\s/gu, '')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(tokensOf('words', text).join('').replace(/\s/gu, '')).toBe(bare(text))
      }),
    )
  })
  it('take time in proportion to the text', () => {
    const hard = ["a'".repeat(50_000), ' '.repeat(100_000), '\u0301'.repeat(100_000)]
    for (const text of hard) expect(tokensOf('words', text).length).toBeLessThanOrEqual(text.length)
  })
  it('come back with the spaces of prose', () => {
    const text = 'he said: "call me (ishmael)," and left.\nwhale-ships'
    expect(textAgain('words', text)).toBe('he said: "call me (ishmael)," and left.\nwhale - ships')
  })
})

describe('characters', () => {
  it('are code points and come back', () => {
    expect(tokensOf('characters', 'a👍\r\n')).toEqual(['a', '👍', '\r', '\n'])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textAgain('characters', text)).toBe(text)
      }),
    )
  })
})

describe('a limit', () => {
  it('gives the first tokens', () => {
    fc.assert(
      fc.property(fc.constantFrom('words', 'characters'), fc.string(), fc.nat(10), (unit, text, limit) => {
        expect(tokensOf(unit, text, limit)).toEqual(tokensOf(unit, text).slice(0, limit))
      }),
    )
  })
})

describe('a text of many scripts', () => {
  it.each(golden.cases)('$# is cut as Python cuts it', ({ text, words, characters }) => {
    expect(tokensOf('words', text)).toEqual(words)
    expect(tokensOf('characters', text)).toEqual(characters)
  })
})
