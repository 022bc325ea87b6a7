// log(1 + x) from additions, multiplications and divisions alone: Math.log1p may differ in its last bit between engines, this cannot.

// log 2 in two parts: the first has 21 trailing zero bits, so that exponent × LN2_HIGH is exact (as fdlibm splits it)
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** terms of the series below: |s| ≤ 0.172, so that the first one left out is below 2^-56 of the sum */
const TERMS = 11

const bits = new DataView(new ArrayBuffer(8))

/**
 * log(1 + x) within a few units of the last place of a float64; −Infinity for x ≤ −1.
 * For small x the rounding of 1 + x is undone by the factor x / ((1 + x) − 1) (Goldberg 1991, theorem 4).
 */
export function log1p(x: number): number {
  if (x <= -1) return Number.NEGATIVE_INFINITY
  const sum = 1 + x
  if (sum === 1 || x === Number.POSITIVE_INFINITY) return x
  return Math.abs(x) < 0.5 ? logOf(sum) * (x / (sum - 1)) : logOf(sum)
}

/** log(y) for positive finite y: y = 2^exponent × m with m in [√½, √2), log m = 2 artanh((m − 1) / (m + 1)). */
function logOf(y: number): number {
  bits.setFloat64(0, y)
  const high = bits.getUint32(0)
  let exponent = (high >>> 20) - 1023
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let m = bits.getFloat64(0)
  if (m >= Math.SQRT2) {
    m /= 2
    exponent += 1
  }
  const s = (m - 1) / (m + 1)
  const square = s * s
  let series = 0
  for (let k = TERMS; k >= 1; k--) series = square * (1 / (2 * k + 1) + series)
  return exponent * LN2_HIGH + (2 * s * (1 + series) + exponent * LN2_LOW)
}
