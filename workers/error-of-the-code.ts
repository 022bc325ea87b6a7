// Which errors the same code meets each time that it gets the same inputs.
import { AssertionError } from 'node:assert'

/** Outside the catalogue: a retry cures none of these. */
export function isOfTheCode(error: unknown): boolean {
  if (error instanceof AssertionError || error instanceof ReferenceError || error instanceof SyntaxError) return true
  // what fetch says of a connection is a TypeError too, and has the cause with it
  if (error instanceof TypeError) return error.cause === undefined && !/^(fetch failed|terminated)$/.test(error.message)
  // memory may be there the next time
  return error instanceof RangeError && !/allocat|memory/i.test(error.message)
}
