// A number in decimal digits, as JSON and Avro's decimals have it → a value that says the same.
import { WrittenNumber } from '../schemas/written-number.ts'

/** More digits than any 64-bit float has before its point. Those of a longer text are not looked at, which could take long. */
const MAX_DIGITS = 400
/** Fewer never lose a fraction or a last digit without an exponent: 15 digits come back from a 64-bit float. */
export const MIN_DIGITS = 16

const INTEGER = /^-?\d+$/
const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * The number itself where a 64-bit float tells of it what an id, a time or a message needs; an integer beyond ±(2^53 − 1) as bigint, in all
 * its digits. A WrittenNumber where the float is infinite, is an integer though the number is none, or beyond 2^53 has other digits.
 * @param value the nearest float, where it is known
 */
export function decimalOf(text: string, value = Number(text)): number | bigint | WrittenNumber {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Number.isInteger(value)) return value
  if (text.length > MAX_DIGITS) return new WrittenNumber(text, value)
  if (INTEGER.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text)
  return isTold(text, value) ? value : new WrittenNumber(text, value)
}

function isTold(text: string, value: number): boolean {
  if (!Number.isFinite(value)) return false
  const { digits, exponent } = partsOf(text)
  if (Number.isSafeInteger(value)) return digits === '' || exponent >= 0
  const told = partsOf(String(value))
  return digits === told.digits && exponent === told.exponent
}

/** The size as digits · 10^exponent; the digits begin and end with none that is 0. */
function partsOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text)!
  const all = (whole + fraction).replace(/^0+/, '')
  let end = all.length
  while (all[end - 1] === '0') end-- // not /0+$/, which tries every zero of 1000…01
  const digits = all.slice(0, end)
  return { digits, exponent: Number(exponent) - fraction.length + all.length - digits.length }
}
