// Exact and analytic confidence intervals for shares, and the special functions that they need.

export type Interval = readonly [low: number, high: number]

/**
 * Clopper and Pearson 1934: exact two-sided interval of a share from `hits` of `rows` independent rows.
 * Covers the true share with probability ≥ 1 − alpha at any number of rows.
 */
export function clopperPearson(hits: number, rows: number, alpha: number): Interval {
  const low = hits === 0 ? 0 : bisect((x) => regularizedBeta(x, hits, rows - hits + 1) - alpha / 2, 0, 1)
  const high = hits === rows ? 1 : bisect((x) => regularizedBeta(x, hits + 1, rows - hits) - (1 - alpha / 2), 0, 1)
  return [low, high]
}

/**
 * Tango 1998 (Statistics in Medicine 17, 891): score interval of a paired difference of shares, (wins − losses) / rows.
 * wins: only the first of the pair hit; losses: only the second. Stays honest when neither occurs.
 */
export function tangoInterval(wins: number, losses: number, rows: number, alpha: number): Interval {
  const z = normalQuantile(1 - alpha / 2)
  const estimate = (wins - losses) / rows
  const score = (delta: number): number => tangoScore(wins, losses, rows, delta)
  const low = estimate <= -1 ? -1 : bisect((delta) => z - score(delta), -1, estimate)
  const high = estimate >= 1 ? 1 : bisect((delta) => -z - score(delta), estimate, 1)
  return [low, high]
}

/** Standardised distance of the observed difference from `delta`, with the restricted maximum-likelihood variance. Falls with delta. */
function tangoScore(wins: number, losses: number, rows: number, delta: number): number {
  const a = 2 * rows
  const b = -wins - losses + (2 * rows - wins + losses) * delta
  const c = -losses * delta * (1 - delta)
  const lossShare = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const variance = rows * (2 * lossShare + delta * (1 - delta))
  const distance = wins - losses - rows * delta
  if (distance === 0) return 0
  return variance <= 0 ? Math.sign(distance) * Infinity : distance / Math.sqrt(variance)
}

/**
 * The share of rows of a kind that may have gone unseen: with this share, `rows` rows hold none of them with probability
 * alpha / 2 (the "rule of three" for any alpha).
 */
export function unseenShare(rows: number, alpha: number): number {
  return 1 - (alpha / 2) ** (1 / rows)
}

/**
 * Johnson 1978 and Hall 1992 (The Bootstrap and Edgeworth Expansion, 3.8): interval of a mean by the normal quantile,
 * moved for skewness. Losses are skewed: a sample without a large one would otherwise look better than it is.
 */
export function skewedMeanInterval(values: Float64Array, alpha: number): Interval {
  const rows = values.length
  const mean = values.reduce((total, value) => total + value, 0) / rows
  const moment = (power: number) => values.reduce((total, value) => total + (value - mean) ** power, 0) / rows
  const deviation = Math.sqrt(moment(2))
  if (deviation === 0) return [mean, mean]
  const z = normalQuantile(1 - alpha / 2)
  const shift = ((moment(3) / deviation ** 3) * (1 + 2 * z * z)) / (6 * Math.sqrt(rows))
  const error = deviation / Math.sqrt(rows)
  return [mean - error * (z - shift), mean + error * (z + shift)]
}

/** Zero of an increasing function in [low, high], to the last bit that a float64 resolves. */
function bisect(increasing: (x: number) => number, low: number, high: number): number {
  let [from, to] = [low, high]
  for (let step = 0; step < 200; step++) {
    const middle = (from + to) / 2
    if (middle === from || middle === to) break
    if (increasing(middle) < 0) from = middle
    else to = middle
  }
  return (from + to) / 2
}

/** I_x(a, b): Lentz's evaluation of the continued fraction DLMF 8.17.22. */
function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // the fraction converges fast on this side of the mean only
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  return front * betaFraction(x, a, b)
}

const TINY = 1e-300

function betaFraction(x: number, a: number, b: number): number {
  const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return fraction
}

/** Coefficients of Lanczos's approximation with g = 7, n = 9 (Godfrey). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln Γ(x) for x ≥ 1. */
function logGamma(x: number): number {
  const shifted = x - 1
  const base = shifted + 7.5
  const series = LANCZOS.reduce((sum, coefficient, i) => sum + (i === 0 ? coefficient : coefficient / (shifted + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(series)
}

/** Quantile of the standard normal distribution: P. J. Acklam 2003, relative error below 1.2e-9. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p <= 0) return -Infinity
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return horner(TAIL_TOP, q) / (horner(TAIL_BOTTOM, q) * q + 1)
  }
  const q = p - 0.5
  const r = q * q
  return (horner(CENTRE_TOP, r) * q) / (horner(CENTRE_BOTTOM, r) * r + 1)
}

const CENTRE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const CENTRE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
]
const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_BOTTOM = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}
