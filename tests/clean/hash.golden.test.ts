// murmur3 and the splits made with it: golden values from Python's mmh3, and rows that never move.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { murmur3 } from '../../clean/hash.ts'
import { murmur128 } from '../../clean/hash128.ts'
import { assignSplits } from '../../clean/split.ts'
import type { Column } from '../../schemas/columns.ts'

const golden = JSON.parse(readFileSync(new URL('../fixtures/clean/hash.json', import.meta.url), 'utf8')) as {
  text: string
  seed: number
  hash: number
}[]

test.each(golden)('agrees with mmh3 for $text, seed $seed', ({ text, seed, hash }) => {
  const bytes = Buffer.from(`before${text}after`)
  expect(murmur3(bytes, 6, bytes.length - 5, seed)).toBe(hash)
})

const golden128 = JSON.parse(
  readFileSync(new URL('../fixtures/clean/hash128.json', import.meta.url), 'utf8'),
) as readonly { readonly text: string; readonly words: readonly number[] }[]

test.each(golden128)('128 bits agree with mmh3 for $text', ({ text, words }) => {
  const bytes = Buffer.from(`before${text}after`)
  const found = new Uint32Array(6)
  murmur128(bytes, 6, bytes.length - 5, found, 1)
  expect([...found]).toEqual([0, ...words, 0])
})

const SPLIT = { by: 'hash', column: 'id', train: 0.7, validate: 0.2, test: 0.1 } as const

function splitsOf(column: Column, rows: number): number[] {
  const assigned = new Uint8Array(rows)
  assignSplits(SPLIT, column, assigned)
  return [...assigned]
}

function texts(values: readonly string[], valid: Uint8Array | null = null): Column {
  const offsets = new Int32Array(values.length + 1)
  for (const [i, value] of values.entries()) offsets[i + 1] = offsets[i]! + Buffer.byteLength(value)
  return { type: 'utf8', offsets, bytes: new Uint8Array(Buffer.from(values.join(''))), valid }
}

test('shares of rows follow the plan', () => {
  const rows = 100_000
  const assigned = splitsOf(texts(Array.from({ length: rows }, (_, i) => `event-${i}`)), rows)
  const shares = [0, 1, 2].map((split) => assigned.filter((each) => each === split).length / rows)
  expect(shares[0]).toBeCloseTo(0.7, 2)
  expect(shares[1]).toBeCloseTo(0.2, 2)
  expect(shares[2]).toBeCloseTo(0.1, 2)
})

test('rows keep their split for ever', () => {
  // written down once: a release that changes these moves rows from test to train
  const assigned = splitsOf(texts(Array.from({ length: 24 }, (_, i) => `event-${i}`)), 24)
  expect(assigned.join('')).toBe('200200000000020001000002')
})

test('texts, categories and times split alike', () => {
  const values = ['7', '-12', '1700000000000', '7']
  const distinct = [...new Set(values)]
  const codes = Int32Array.from(values, (value) => distinct.indexOf(value))
  const expected = splitsOf(texts(values), 4)
  expect(splitsOf({ type: 'dictionary', codes, dictionary: distinct, valid: null }, 4)).toEqual(expected)
  expect(splitsOf({ type: 'int64', values: BigInt64Array.from(values, BigInt), valid: null }, 4)).toEqual(expected)
})

test('a missing value splits as the empty text', () => {
  const none = Uint8Array.of(0)
  const empty = splitsOf(texts(['']), 1)
  expect(splitsOf(texts(['garbage'], none), 1)).toEqual(empty)
  expect(splitsOf({ type: 'int64', values: BigInt64Array.of(5n), valid: none }, 1)).toEqual(empty)
  expect(splitsOf({ type: 'dictionary', codes: Int32Array.of(0), dictionary: ['x'], valid: none }, 1)).toEqual(empty)
})
