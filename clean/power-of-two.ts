// Powers of two, by the bits of a float64: dividing by one rounds nothing, and Math.pow may differ between engines.

const words = new DataView(new ArrayBuffer(8))
const BIAS = 1023
/** a power of two and one over it are both float64s of full precision */
const LARGEST = 1022

/** The largest e with 2^e ≤ |x|, within [−1022, 1022]; −1022 for 0 and what is smaller. */
export function exponentOf(x: number): number {
  words.setFloat64(0, x)
  const biased = (words.getUint32(0) >>> 20) & 0x7ff
  return Math.min(LARGEST, Math.max(-LARGEST, biased - BIAS))
}

/** 2^exponent for a whole exponent in [−1022, 1022]. */
export function powerOfTwo(exponent: number): number {
  words.setUint32(0, (exponent + BIAS) << 20)
  words.setUint32(4, 0)
  return words.getFloat64(0)
}
