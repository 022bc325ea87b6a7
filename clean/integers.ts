// 64-bit integers as numbers: a BigInt for each would be garbage at once.

/** Reads integers between −2⁵³ and 2⁵³ by their two words. */
export function integersOf(values: BigInt64Array): (at: number) => number {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  return (at) => words[2 * at + 1]! * 2 ** 32 + (words[2 * at]! >>> 0)
}
