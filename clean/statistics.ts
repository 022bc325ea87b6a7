// Statistics of one numeric column in constant memory: a histogram on the top bits of the float64, with moments per bin.
import { isValid, type Validity } from '../schemas/columns.ts'
import { exponentOf, powerOfTwo } from './power-of-two.ts'

/**
 * A bin is one value of the top 20 bits of a float64 (sign, 11 of exponent, 8 of mantissa), so it is at most 1/256 of
 * its values wide. Bins are kept in pages of 256: one page per power of two that occurs.
 */
const BIN_SHIFT = 12
const SIGN_BIN = 0x80000
const PAGE_BITS = 8
const PAGE_BINS = 1 << PAGE_BITS
const PAGES = 1 << (20 - PAGE_BITS)
/** count, first value, Σ(x − first) / unit, Σ(x − first)² / unit², smallest, largest */
const FIELDS = 6
/** Behind the bins of a page stand its unit, the power of two of its values, and 1 / unit: so no square overflows or vanishes, and no bit changes. */
const PAGE_END = PAGE_BINS * FIELDS

/** Moments of a set of numbers, finite whatever they are; the deviation is that of the population (divisor n). */
export interface Moments {
  readonly mean: number
  readonly deviation: number
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
  /** How much the quantile 'middle' may be off: the width of its bins, 0 where they hold one distinct value each. */
  uncertainty(q: number): number
  /** Smallest and largest value when so many are left out at each end; values of their bins stay with them. Less than half of all. */
  trimmed(left: number): [low: number, high: number]
  /** Of the values clipped to [low, high]; exact up to rounding if the bounds come from quantile 'low' and 'high'. */
  moments(low?: number, high?: number): Moments
  save(): SavedStatistics
  /** As if its values had been added; sums may differ in their last bits from those of one pass, and do not where the order of merging is the same. */
  merge(saved: SavedStatistics): void
}

/** What was added, as it can be kept and merged. */
export interface SavedStatistics {
  readonly missing: number
  /** of every bin that holds values its number and its FIELDS, ascending by number */
  readonly bins: Float64Array
}

type Pages = (Float64Array | undefined)[]

interface Bin {
  readonly count: number
  readonly mean: number
  /** Σ(x − mean)² / unit² */
  readonly squares: number
  readonly unit: number
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
    uncertainty: (q) => Math.max(...[Math.floor, Math.ceil].map((round) => widthAtRank(pages, round(q * (count - 1))))),
    trimmed: (left) => [valueAtRank(binsOf(pages), left, 'low'), valueAtRank(binsOf(pages), count - 1 - left, 'high')],
    moments: (low = -Infinity, high = Infinity) => momentsOf(pages, low, high),
    save: () => ({ missing, bins: savedBins(pages) }),
    merge(saved) {
      missing += saved.missing
      for (let at = 0; at < saved.bins.length; at += SAVED_FIELDS) {
        mergeBin(pages, saved.bins, at)
        count += saved.bins[at + 1]!
      }
    },
  }
}

function addValues(pages: Pages, values: Float64Array, valid: Validity): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  let present = 0
  for (let i = 0; i < values.length; i++) {
    if (valid !== null && !isValid(valid, i)) continue
    const value = values[i]! + 0 // never −0
    addValue(pages, value === 0 ? ZERO_BIN : binOf(words[2 * i + 1]!), value)
    present++
  }
  return present
}

/** Of both zeros. */
const ZERO_BIN = binOf(0)

/** Bin numbers in the order of the values they hold. */
function binOf(highWord: number): number {
  const top = highWord >>> BIN_SHIFT
  return top < SIGN_BIN ? top | SIGN_BIN : 2 * SIGN_BIN - 1 - top
}

/** The page of a bin that is to hold the value. */
function pageOf(pages: Pages, bin: number, value: number): Float64Array {
  let page = pages[bin >>> PAGE_BITS]
  if (page === undefined) {
    page = new Float64Array(PAGE_END + 2)
    page[PAGE_END] = powerOfTwo(exponentOf(value))
    page[PAGE_END + 1] = 1 / page[PAGE_END]!
    pages[bin >>> PAGE_BITS] = page
  }
  return page
}

function addValue(pages: Pages, bin: number, value: number): void {
  const page = pages[bin >>> PAGE_BITS] ?? pageOf(pages, bin, value)
  const at = (bin & (PAGE_BINS - 1)) * FIELDS
  if (page[at] === 0) {
    page[at + 1] = value
    page[at + 4] = value
    page[at + 5] = value
  }
  // distances from a value of the same bin stay small, so that squares lose nothing for 1e9 ± 1
  const distance = (value - page[at + 1]!) * page[PAGE_END + 1]!
  page[at]! += 1
  page[at + 2]! += distance
  page[at + 3]! += distance * distance
  if (value < page[at + 4]!) page[at + 4] = value
  if (value > page[at + 5]!) page[at + 5] = value
}

const SAVED_FIELDS = 1 + FIELDS

function savedBins(pages: Pages): Float64Array {
  let bins = 0
  for (const page of pages) {
    if (page === undefined) continue
    for (let at = 0; at < PAGE_END; at += FIELDS) if (page[at]! > 0) bins++
  }
  const saved = new Float64Array(bins * SAVED_FIELDS)
  let to = 0
  for (const [number, page] of pages.entries()) {
    if (page === undefined) continue
    for (let i = 0; i < PAGE_BINS; i++) {
      if (page[i * FIELDS] === 0) continue
      saved[to] = (number << PAGE_BITS) | i
      for (let field = 0; field < FIELDS; field++) saved[to + 1 + field] = page[i * FIELDS + field]!
      to += SAVED_FIELDS
    }
  }
  return saved
}

/** Distances from another first value of the same bin become those from the one that is kept. */
function mergeBin(pages: Pages, saved: Float64Array, from: number): void {
  const bin = saved[from]!
  const first = saved[from + 2]!
  const page = pages[bin >>> PAGE_BITS] ?? pageOf(pages, bin, first)
  const at = (bin & (PAGE_BINS - 1)) * FIELDS
  if (page[at] === 0) {
    for (let field = 0; field < FIELDS; field++) page[at + field] = saved[from + 1 + field]!
    return
  }
  const count = saved[from + 1]!
  const sum = saved[from + 3]!
  const squares = saved[from + 4]!
  const min = saved[from + 5]!
  const max = saved[from + 6]!
  const between = (first - page[at + 1]!) * page[PAGE_END + 1]!
  page[at]! += count
  page[at + 2]! += sum + count * between
  page[at + 3]! += squares + 2 * between * sum + count * between * between
  if (min < page[at + 4]!) page[at + 4] = min
  if (max > page[at + 5]!) page[at + 5] = max
}

/** Bins that hold values, ascending. */
function* binsOf(pages: Pages): Generator<Bin> {
  for (const page of pages) {
    if (page === undefined) continue
    const unit = page[PAGE_END]!
    for (let at = 0; at < PAGE_END; at += FIELDS) {
      const count = page[at]!
      if (count === 0) continue
      const [first, sum, squares] = [page[at + 1]!, page[at + 2]!, page[at + 3]!]
      yield {
        count,
        mean: first + (sum / count) * unit,
        squares: Math.max(0, squares - (sum * sum) / count),
        unit,
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
  if (below === above) return low
  const high = valueAtRank(binsOf(pages), above, edge)
  const distance = high - low
  if (Number.isFinite(distance)) return Math.min(high, low + (rank - below) * distance)
  return (above - rank) * low + (rank - below) * high // of values so far apart that no float64 holds their distance
}

function widthAtRank(pages: Pages, rank: number): number {
  return valueAtRank(binsOf(pages), rank, 'high') - valueAtRank(binsOf(pages), rank, 'low')
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

/**
 * Chan, Golub and LeVeque 1983: moments of a union from the moments of its parts. Computed in units of a power of two near the largest
 * value, which changes no bit of what could be computed without, and holds the squares of any float64.
 */
function momentsOf(pages: Pages, low: number, high: number): Moments {
  const unit = powerOfTwo(exponentOf(largestOf(pages, low, high)))
  let total = 0
  let mean = 0
  let squares = 0
  for (const bin of binsOf(pages)) {
    const clipped = clipBin(bin, low, high)
    const delta = clipped.mean / unit - mean
    const next = total + clipped.count
    const ratio = clipped.unit / unit
    squares += clipped.squares * ratio * ratio + (delta * delta * total * clipped.count) / next
    mean += (delta * clipped.count) / next
    total = next
  }
  if (total === 0) return { mean: Number.NaN, deviation: Number.NaN }
  return { mean: representable(mean * unit), deviation: representable(Math.sqrt(squares / total) * unit) }
}

/** Of the clipped values' sizes; 0 without values. */
function largestOf(pages: Pages, low: number, high: number): number {
  let largest = 0
  for (const { min, max } of binsOf(pages)) {
    const [least, most] = [Math.min(high, Math.max(low, min)), Math.min(high, Math.max(low, max))]
    largest = Math.max(largest, Math.abs(least), Math.abs(most))
  }
  return largest
}

/** A last rounding may lead beyond the largest float64, where mean and deviation of float64s are not. */
function representable(value: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value))
}

/** A bin that the bound cuts counts as clipped by its mean; bounds from quantile 'low' and 'high' cut none. */
function clipBin(bin: Bin, low: number, high: number): Pick<Bin, 'count' | 'mean' | 'squares' | 'unit'> {
  if (bin.max <= low) return { count: bin.count, mean: low, squares: 0, unit: 1 }
  if (bin.min >= high) return { count: bin.count, mean: high, squares: 0, unit: 1 }
  return bin
}
