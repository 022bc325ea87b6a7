// Statistics of one numeric column in constant memory: a histogram on the top bits of the float64, with moments per bin.
import { isValid, type Validity } from '../schemas/columns.ts'

/**
 * A bin is one value of the top 20 bits of a float64 (sign, 11 of exponent, 8 of mantissa), so it is at most 1/256 of
 * its values wide. Bins are kept in pages of 256: one page per power of two that occurs.
 */
const BIN_SHIFT = 12
const SIGN_BIN = 0x80000
const PAGE_BITS = 8
const PAGE_BINS = 1 << PAGE_BITS
const PAGES = 1 << (20 - PAGE_BITS)
/** count, first value, Σ(x − first), Σ(x − first)², smallest, largest */
const FIELDS = 6

/** Moments of a set of numbers; variance is that of the population (divisor n). */
export interface Moments {
  readonly mean: number
  readonly variance: number
}

export interface NumberStatistics {
  /** Adds the present values of an array; values are finite. */
  add(values: Float64Array, valid: Validity): void
  count(): number
  missing(): number
  /** NaN without values */
  min(): number
  max(): number
  /**
   * The value at rank q × (count − 1), from the bin that holds it. 'low' is the smallest value of the bin of the rank
   * rounded down, 'high' the largest of the rank rounded up; 'middle' interpolates linearly as numpy does, spreading the
   * values of a bin evenly. Exact where a bin holds one distinct value, else within 1/256 of the value.
   */
  quantile(q: number, edge: 'low' | 'middle' | 'high'): number
  /** Of the values clipped to [low, high]; exact up to rounding if the bounds come from quantile 'low' and 'high'. */
  moments(low?: number, high?: number): Moments
}

type Pages = (Float64Array | undefined)[]

interface Bin {
  readonly count: number
  readonly mean: number
  /** Σ(x − mean)² */
  readonly squares: number
  readonly min: number
  readonly max: number
}

export function numberStatistics(): NumberStatistics {
  const pages: Pages = new Array(PAGES).fill(undefined)
  let count = 0
  let missing = 0
  return {
    add(values, valid) {
      const present = addValues(pages, values, valid)
      count += present
      missing += values.length - present
    },
    count: () => count,
    missing: () => missing,
    min: () => binsOf(pages).next().value?.min ?? Number.NaN,
    max: () => [...binsOf(pages)].at(-1)?.max ?? Number.NaN,
    quantile: (q, edge) => quantileOf(pages, q * (count - 1), edge),
    moments: (low = -Infinity, high = Infinity) => momentsOf(binsOf(pages), low, high),
  }
}

function addValues(pages: Pages, values: Float64Array, valid: Validity): number {
  // -0 + 0 is 0: both zeros fall into one bin
  const shifted = values.map((value) => value + 0)
  const words = new Uint32Array(shifted.buffer)
  let present = 0
  for (let i = 0; i < shifted.length; i++) {
    if (valid !== null && !isValid(valid, i)) continue
    addValue(pages, binOf(words[2 * i + 1]!), shifted[i]!)
    present++
  }
  return present
}

/** Bin numbers in the order of the values they hold. */
function binOf(highWord: number): number {
  const top = highWord >>> BIN_SHIFT
  return top < SIGN_BIN ? top | SIGN_BIN : 2 * SIGN_BIN - 1 - top
}

function addValue(pages: Pages, bin: number, value: number): void {
  let page = pages[bin >>> PAGE_BITS]
  if (page === undefined) {
    page = new Float64Array(PAGE_BINS * FIELDS)
    pages[bin >>> PAGE_BITS] = page
  }
  const at = (bin & (PAGE_BINS - 1)) * FIELDS
  if (page[at] === 0) {
    page[at + 1] = value
    page[at + 4] = value
    page[at + 5] = value
  }
  // distances from a value of the same bin stay small, so that squares lose nothing for 1e9 ± 1
  const distance = value - page[at + 1]!
  page[at]! += 1
  page[at + 2]! += distance
  page[at + 3]! += distance * distance
  if (value < page[at + 4]!) page[at + 4] = value
  if (value > page[at + 5]!) page[at + 5] = value
}

/** Bins that hold values, ascending. */
function* binsOf(pages: Pages): Generator<Bin> {
  for (const page of pages) {
    if (page === undefined) continue
    for (let at = 0; at < page.length; at += FIELDS) {
      const count = page[at]!
      if (count === 0) continue
      const [first, sum, squares] = [page[at + 1]!, page[at + 2]!, page[at + 3]!]
      yield {
        count,
        mean: first + sum / count,
        squares: Math.max(0, squares - (sum * sum) / count),
        min: page[at + 4]!,
        max: page[at + 5]!,
      }
    }
  }
}

function quantileOf(pages: Pages, rank: number, edge: 'low' | 'middle' | 'high'): number {
  const [below, above] = [Math.floor(rank), Math.ceil(rank)]
  if (edge === 'low') return valueAtRank(binsOf(pages), below, edge)
  if (edge === 'high') return valueAtRank(binsOf(pages), above, edge)
  const low = valueAtRank(binsOf(pages), below, edge)
  return below === above ? low : low + (rank - below) * (valueAtRank(binsOf(pages), above, edge) - low)
}

function valueAtRank(bins: Iterable<Bin>, rank: number, edge: 'low' | 'middle' | 'high'): number {
  let below = 0
  for (const { count, min, max } of bins) {
    if (rank < below + count) {
      if (edge === 'low' || count === 1) return min
      return edge === 'high' ? max : min + ((max - min) * (rank - below)) / (count - 1)
    }
    below += count
  }
  return Number.NaN
}

/** Chan, Golub and LeVeque 1983: moments of a union from the moments of its parts. */
function momentsOf(bins: Iterable<Bin>, low: number, high: number): Moments {
  let total = 0
  let mean = 0
  let squares = 0
  for (const bin of bins) {
    const clipped = clipBin(bin, low, high)
    const delta = clipped.mean - mean
    const next = total + clipped.count
    squares += clipped.squares + (delta * delta * total * clipped.count) / next
    mean += (delta * clipped.count) / next
    total = next
  }
  return total === 0 ? { mean: Number.NaN, variance: Number.NaN } : { mean, variance: squares / total }
}

/** A bin that the bound cuts counts as clipped by its mean; bounds from quantile 'low' and 'high' cut none. */
function clipBin(bin: Bin, low: number, high: number): Pick<Bin, 'count' | 'mean' | 'squares'> {
  if (bin.max <= low) return { count: bin.count, mean: low, squares: 0 }
  if (bin.min >= high) return { count: bin.count, mean: high, squares: 0 }
  return bin
}
