// Bytes that should be UTF-8 → text.
import { isUtf8 } from 'node:buffer'

const REPLACEMENT = '\ufffd'

/** The text of bytes [start, end), or undefined when they are not UTF-8. */
export function utf8At(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end)
  // damaged bytes would pass as U+FFFD; only text that has one needs the check
  return text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end)) ? undefined : text
}
