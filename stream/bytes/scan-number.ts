// A JSON number in bytes → the double that JSON.parse gives, without making a string.

/** Where scanNumber leaves its value: a typed array, because doubles in closures are allocated anew on every write. */
export const scanned = new Float64Array(1)

const MINUS = 45
const PLUS = 43
const DOT = 46
const ZERO = 48
const EXPONENT = 101 // 'e', after | 32

/** Powers of ten that doubles hold exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
/** Integers of this many digits are exact. */
const EXACT_DIGITS = 15

/**
 * Reads the number that starts at `at`; its value is in `scanned[0]`.
 * @returns the position behind it, −1 when the bytes are no JSON number
 */
export function scanNumber(bytes: Uint8Array, at: number): number {
  const start = at
  const isNegative = bytes[at] === MINUS
  let i = isNegative ? at + 1 : at
  let high = 0 // the first 15 significant digits
  let low = 0 // up to 9 more
  let highDigits = 0
  let lowDigits = 0
  let digit = bytes[i]! - ZERO
  if (!(digit >= 0 && digit <= 9)) return -1
  if (digit === 0) i++
  else {
    for (; digit >= 0 && digit <= 9; digit = bytes[++i]! - ZERO) {
      if (highDigits < EXACT_DIGITS) {
        high = high * 10 + digit
        highDigits++
      } else {
        low = low * 10 + digit
        lowDigits++
      }
    }
  }
  let fraction = 0
  if (bytes[i] === DOT) {
    const first = ++i
    for (digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++i]! - ZERO) {
      if (highDigits < EXACT_DIGITS) {
        high = high * 10 + digit
        if (high !== 0) highDigits++ // leading zeros are no digits
      } else {
        low = low * 10 + digit
        lowDigits++
      }
    }
    fraction = i - first
    if (fraction === 0) return -1
  }
  let exponent = 0
  if ((bytes[i]! | 32) === EXPONENT) {
    i++
    const isDown = bytes[i] === MINUS
    if (isDown || bytes[i] === PLUS) i++
    const first = i
    for (digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++i]! - ZERO) {
      if (exponent < 10_000) exponent = exponent * 10 + digit
    }
    if (i === first) return -1
    if (isDown) exponent = -exponent
  }
  const power = exponent - fraction
  const value = lowDigits === 0 ? short(high, power) : long(high, low, lowDigits, power)
  scanned[0] = Number.isNaN(value) ? Number(textOf(bytes, start, i)) : isNegative ? -value : value
  return i
}

/**
 * Reads the integer that starts at `at`, of digits alone and at most 2^53 − 1 either way, as scanNumber does. −1 also for numbers that are
 * written otherwise: whether one with a point or an exponent is an integer is seen in its text alone.
 */
export function scanInteger(bytes: Uint8Array, at: number): number {
  const isNegative = bytes[at] === MINUS
  const first = isNegative ? at + 1 : at
  let value = 0
  let i = first
  for (let digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++i]! - ZERO) value = value * 10 + digit
  if (i === first || value > Number.MAX_SAFE_INTEGER || (bytes[first] === ZERO && i > first + 1)) return -1
  if (bytes[i] === DOT || (bytes[i]! | 32) === EXPONENT) return -1
  scanned[0] = isNegative ? -value : value
  return i
}

/** At most 15 digits times a power of ten that is exact: one rounding, so the nearest double (Clinger 1990). NaN: not that simple. */
function short(digits: number, power: number): number {
  if (power === 0) return digits
  if (power < 0) return power >= -22 ? digits / POWERS[-power]! : Number.NaN
  return power <= 22 ? digits * POWERS[power]! : Number.NaN
}

/**
 * Up to 24 digits, divided in double-double arithmetic (Dekker 1971), whose error is below 2^-90 of the value.
 * NaN when the exact value lies too close to the middle between two doubles, or the digits are too many.
 */
function long(high: number, low: number, lowDigits: number, power: number): number {
  if (lowDigits > 7 || power > 0 || power < -22) return Number.NaN
  // high · 10^lowDigits + low = m + mRest, exactly: both factors are below 2^53
  const scale = POWERS[lowDigits]!
  const product = high * scale
  const m = product + low
  const mRest = low - (m - product) + productError(high, scale, product)
  if (power === 0) return rounded(m, mRest)
  const divisor = POWERS[-power]!
  const quotient = m / divisor
  const back = quotient * divisor
  const rest = m - back - productError(quotient, divisor, back) + mRest
  return rounded(quotient, rest / divisor)
}

/** a + b as a double, NaN when b's own error could change the result. |b| is far smaller than |a|. */
function rounded(a: number, b: number): number {
  const sum = a + b
  const rest = b - (sum - a)
  // 2^-30: far more than the error of `rest`
  return sum + rest * (1 + 2 ** -30) === sum && sum > Number.MIN_VALUE ? sum : Number.NaN
}

const SPLIT = 2 ** 27 + 1

/** a · b − product, exactly (Veltkamp's splitting), far from overflow and underflow. */
function productError(a: number, b: number, product: number): number {
  const aScaled = a * SPLIT
  const aHigh = aScaled - (aScaled - a)
  const aLow = a - aHigh
  const bScaled = b * SPLIT
  const bHigh = bScaled - (bScaled - b)
  const bLow = b - bHigh
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}
