// The constants that training rows give, by the definitions and not in a stream: sorted values, counts, two passes.
import { expect } from 'vitest'
import type { FittedFeature, Transform } from '../../schemas/dataset.ts'
import type { Row } from './rows.ts'

type Affine = Extract<FittedFeature, { encode: 'affine' }>

/** relative, of the deviation: sums of some hundred terms in another order */
const ROUNDING = 1e-9
/** of a value: quantiles are exact to the width of a bin; the smallest numbers, with fewer digits than a bin has, to their size */
const near = (value: number) => Math.abs(value) / 256 + 1e-300

/** Of the plan that has every encoding (rows.ts), fitted on the rows of its training split. */
export function expectFit({ kind, width, features }: Transform, rows: readonly Row[]): void {
  const [plan, country, spend, share, tickets, active, pixels] = features
  const numbers = (name: string) => rows.map(({ cells }) => cells[name]!).filter((cell) => cell !== null) as number[]
  const countries = twoMostFrequent(rows.map(({ cells }) => cells.country as string | null))

  expect({ kind, width, fitted: features.length }).toEqual({
    kind: 'transform',
    width: 3 + (countries.length + 1) + 1 + 1 + 1 + 1 + 3,
    fitted: 7,
  })
  expect(plan).toEqual({
    column: 'plan',
    encode: 'oneHot',
    values: ['free', 'team', 'business'],
    other: false,
    width: 3,
  })
  expect(country).toEqual({
    column: 'country',
    encode: 'oneHot',
    values: countries,
    other: true,
    width: countries.length + 1,
  })
  expect(active).toEqual({ column: 'active', encode: 'indicator', width: 1 })
  expect(pixels).toEqual({ column: 'pixels', encode: 'elements', offset: 0, factor: 1 / 255, width: 3 })

  expect(share).toMatchObject({ column: 'share', log: false, low: 0, high: 1, offset: 0, factor: 1, width: 1 })
  expectMedian((share as Affine).fill, numbers('share'))

  const logs = numbers('tickets').map((count) => Math.log1p(count))
  const unbounded = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE }
  expect(tickets).toMatchObject({ column: 'tickets', log: true, fill: 0, ...unbounded, width: 1 }) // a missing one counts as 0
  expectMoments(tickets as Affine, logs)

  expect(spend).toMatchObject({ column: 'spend', log: false, width: 1 })
  expectMedian((spend as Affine).fill, numbers('spend'))
  expectClip(spend as Affine, numbers('spend'), [0.1, 0.9])
  expectMoments(spend as Affine, numbers('spend'))
}

/** Of equal counts the smaller in bytes. */
function twoMostFrequent(texts: readonly (string | null)[]): string[] {
  const present = texts.filter((text) => text !== null)
  const count = (text: string) => present.filter((each) => each === text).length
  const isBefore = (a: string, b: string) =>
    count(a) > count(b) || (count(a) === count(b) && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0)
  const ranked = [...new Set(present)].map((text) => ({
    text,
    rank: [...new Set(present)].filter((other) => isBefore(other, text)).length,
  }))
  return [0, 1].flatMap((rank) => ranked.filter((each) => each.rank === rank).map(({ text }) => text))
}

/** numpy's: the middle value, or the mean of the two. */
function expectMedian(found: number, values: readonly number[]): void {
  const sorted = values.toSorted((a, b) => a - b)
  const [below, above] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!]
  expect(Math.abs(found - (below + above) / 2)).toBeLessThanOrEqual(Math.max(near(below), near(above)))
}

/** Values of the data, at the ranks of the quantiles or at most a bin beyond. */
function expectClip({ low, high }: Affine, values: readonly number[], [from, to]: readonly [number, number]): void {
  const sorted = values.toSorted((a, b) => a - b)
  const [lowest, highest] = [
    sorted[Math.floor(from * (sorted.length - 1))]!,
    sorted[Math.ceil(to * (sorted.length - 1))]!,
  ]
  expect(values.map((value) => value + 0)).toContain(low) // −0 counts as 0
  expect(values.map((value) => value + 0)).toContain(high)
  expect(low).toBeLessThanOrEqual(lowest)
  expect(low).toBeGreaterThanOrEqual(lowest - near(lowest))
  expect(high).toBeGreaterThanOrEqual(highest)
  expect(high).toBeLessThanOrEqual(highest + near(highest))
}

/** Mean and deviation (divisor n) of the values within the bounds. */
function expectMoments({ low, high, offset, factor }: Affine, values: readonly number[]): void {
  const clipped = values.map((value) => Math.min(high, Math.max(low, value)))
  const mean = clipped.reduce((sum, value) => sum + value, 0) / clipped.length
  const deviation = Math.sqrt(clipped.reduce((sum, value) => sum + (value - mean) ** 2, 0) / clipped.length)
  expect(Math.abs(offset - mean)).toBeLessThanOrEqual(ROUNDING * deviation)
  expect(Math.abs(factor * deviation - 1)).toBeLessThanOrEqual(ROUNDING)
}
