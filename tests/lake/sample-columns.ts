// Columns of every type, for readers and codecs.
import type { Columns } from '../../schemas/columns.ts'

const ROWS = 600
/** One cell per row. */
export const at = <T>(cell: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => cell(row))

/** Every type; every third row misses every value that may be missing. */
export function sample(): Columns {
  const valid = new Uint8Array((ROWS + 7) >> 3)
  for (let row = 0; row < ROWS; row++) if (row % 3 !== 0) valid[row >> 3]! |= 1 << (row & 7)
  const texts = at((row) => Buffer.from(row % 3 === 0 ? '' : `größe ${row % 7}`))
  const ends = new Int32Array(ROWS + 1)
  for (const [row, { length }] of texts.entries()) ends[row + 1] = ends[row]! + length
  const words = ['a', 'b', 'ü']
  return {
    rows: ROWS,
    byName: {
      id: { type: 'utf8', offsets: ends, bytes: Buffer.concat(texts), valid },
      x: { type: 'float64', values: Float64Array.from(at((row) => row / 7)), valid },
      when: { type: 'int64', values: BigInt64Array.from(at((row) => 1_700_000_000_123n + BigInt(row))), valid },
      flag: { type: 'bool', values: Uint8Array.from(at((row) => row & 1)), valid },
      word: { type: 'dictionary', codes: Int32Array.from(at((row) => row % 3)), dictionary: words, valid },
      pixels: { type: 'list', width: 3, values: Uint8Array.from(at((row) => [row & 255, 0, 255]).flat()), valid },
      vector: { type: 'list', width: 2, values: Float32Array.from(at((row) => [row / 4, -row]).flat()), valid: null },
      _partition: { type: 'int32', values: Int32Array.from(at(() => 4)), valid: null },
      _offset: { type: 'int64', values: BigInt64Array.from(at((row) => 2n ** 60n + BigInt(row))), valid: null },
      _timestamp: {
        type: 'int64',
        values: BigInt64Array.from(at((row) => 1_700_000_000_000n + BigInt(row))),
        valid: null,
      },
      _key: { type: 'binary', offsets: ends, bytes: Buffer.concat(texts), valid },
    },
  }
}
