// One header of a record, as text.

import { utf8At } from '../../core/utf8.ts'
import { Misfit } from '../../core/values.ts'
import type { RawRecord } from '../record.ts'

/*
 * Headers => count [Header], Header => keyLength key valueLength value; all numbers are zigzag VARINTs, valueLength −1: null
 */

/** The last header of this name as UTF-8; null when there is none or its value is null; a Misfit when it is no UTF-8. */
export function headerValue({ bytes, headersStart, headersEnd }: RawRecord, name: string): string | Misfit | null {
  let at = headersStart
  const varint = (): number => {
    let value = 0
    for (let shift = 0; at < headersEnd; shift += 7) {
      const byte = bytes[at++]!
      value |= (byte & 127) << shift
      if (byte < 128) break
    }
    return (value >>> 1) ^ -(value & 1)
  }
  const wanted = Buffer.from(name)
  let found: string | Misfit | null = null
  for (let left = varint(); left > 0 && at < headersEnd; left--) {
    const keyLength = varint()
    const isWanted = keyLength >= 0 && bytes.subarray(at, at + keyLength).equals(wanted)
    at += Math.max(keyLength, 0)
    const length = varint()
    if (isWanted) found = length < 0 ? null : textAt(bytes, at, Math.min(at + length, headersEnd))
    at += Math.max(length, 0)
  }
  return found
}

function textAt(bytes: Buffer, start: number, end: number): string | Misfit {
  return utf8At(bytes, start, end) ?? new Misfit('a header in UTF-8', `${end - start} other bytes`)
}
