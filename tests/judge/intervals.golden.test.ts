// Intervals and quantiles against scipy; Tango's against a numerical maximisation of its likelihood.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clopperPearson, normalQuantile, tangoInterval, unseenShare } from '../../judge/intervals.ts'

interface Golden {
  readonly clopperPearson: { hits: number; rows: number; alpha: number; interval: [number, number] }[]
  readonly tango: { wins: number; losses: number; rows: number; alpha: number; interval: [number, number] }[]
  readonly normalQuantile: { p: number; quantile: number }[]
}

const file = new URL('../fixtures/judging/intervals.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
const close = ([low, high]: readonly [number, number], digits: number) => [
  expect.closeTo(low, digits),
  expect.closeTo(high, digits),
]

describe('Clopper and Pearson', () => {
  test.each(golden.clopperPearson)('$hits of $rows at $alpha', ({ hits, rows, alpha, interval }) => {
    expect(clopperPearson(hits, rows, alpha)).toEqual(close(interval, 10))
  })
})

describe('Tango', () => {
  test.each(golden.tango)('$wins against $losses of $rows at $alpha', ({ wins, losses, rows, alpha, interval }) => {
    expect(tangoInterval(wins, losses, rows, alpha)).toEqual(close(interval, 5))
  })

  test('agrees with the published example', () => {
    // 21 children, 1 against 7: Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33, 2850
    expect(tangoInterval(1, 7, 21, 0.05)).toEqual(close([-0.517, -0.026], 3))
  })

  test('swapping the models mirrors the interval', () => {
    const [low, high] = tangoInterval(9, 4, 60, 0.05)
    expect(tangoInterval(4, 9, 60, 0.05)).toEqual(close([-high, -low], 12))
  })

  test('extremes reach the ends', () => {
    expect(tangoInterval(10, 0, 10, 0.05)[1]).toBe(1)
    expect(tangoInterval(0, 10, 10, 0.05)[0]).toBe(-1)
  })
})

test.each(golden.normalQuantile)('normal quantile of $p', ({ p, quantile }) => {
  expect(Math.abs(normalQuantile(p) - quantile)).toBeLessThan(2e-8)
})

test('an unseen share would have been seen else', () => {
  const share = unseenShare(100, 0.05)
  expect((1 - share) ** 100).toBeCloseTo(0.025, 12)
})
