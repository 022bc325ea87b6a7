// Text of a binary format: UTF-8 whose length comes first.
import { utf8At } from '../../core/utf8.ts'
import { Misfit } from '../../core/values.ts'
import type { ColumnKind } from '../../schemas/columns.ts'
import { byteCache } from './byte-cache.ts'
import { type Cursor, take } from './cursor.ts'

/** Longer texts are hardly ever the same. */
const MAX_CACHED_BYTES = 32

/** Reads a length and so many bytes. Categories repeat, so their texts are made once. */
export function textReader(readLength: (cursor: Cursor) => number, kind: ColumnKind) {
  const read = (cursor: Cursor): string | Misfit => {
    const length = readLength(cursor)
    return textAt(cursor, take(cursor, length), length)
  }
  if (kind !== 'category') return read
  const cache = byteCache()
  const texts: string[] = []
  return (cursor: Cursor): string | Misfit => {
    const length = readLength(cursor)
    const start = take(cursor, length)
    if (length > MAX_CACHED_BYTES) return textAt(cursor, start, length)
    const known = cache.find(cursor.bytes, start, start + length)
    if (known >= 0) return texts[known]!
    const text = textAt(cursor, start, length)
    if (typeof text === 'string') cache.add(cursor.bytes, start, start + length, texts.push(text) - 1)
    return text
  }
}

function textAt({ bytes }: Cursor, start: number, length: number): string | Misfit {
  return utf8At(bytes, start, start + length) ?? new Misfit('text in UTF-8', `${length} other bytes`)
}
