// What one request may cost. Errors and docs/guides/serve.md name these.

/** Of a body. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Rows that one request may carry. */
export const MAX_ROWS = 1_000

/** For a request to arrive whole, from its first byte; and for its headers. */
export const RECEIVE_MS = 30_000

/** Of a text in an error: what a client sent is not sent back at length. */
const SHOWN = 60

/** A name as it stands in an error. */
export function shortName(name: string): string {
  return name.length > SHOWN ? `${name.slice(0, SHOWN - 1).toWellFormed()}…` : name
}
