// Segments and exports are read by pyarrow, Polars and DuckDB as they are.
import { describe, expect, it } from 'vitest'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { encodeParquet } from '../../../lake/columns/parquet.ts'
import { openOtherReaders } from '../other-readers.ts'
import { at, sample } from '../sample-columns.ts'

const read = await openOtherReaders()

/** The cells as the readers' script prints them. */
function expectedRows(): unknown[][] {
  return at((row) => {
    const gone = row % 3 === 0
    const text = `größe ${row % 7}`
    return [
      ...[gone ? null : text, gone ? null : row / 7, gone ? null : 1_700_000_000_123 + row],
      ...[gone ? null : (row & 1) === 1, gone ? null : ['a', 'b', 'ü'][row % 3], gone ? null : [row & 255, 0, 255]],
      ...[[row / 4, row === 0 ? -0 : -row], 4, String(2n ** 60n + BigInt(row)), 1_700_000_000_000 + row],
      gone ? null : `0x${Buffer.from(text).toString('hex')}`,
    ]
  })
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

describe.skipIf(read === null)('a segment', () => {
  it.each(['none', 'zstd', 'lz4'] as const)('with bodies of %s is read by all three', async (codec) => {
    const found = await read!(encodeColumns(sample(), codec), 'arrow')
    expect(found.types).toMatchObject({
      id: 'string',
      x: 'double',
      when: 'int64',
      word: 'dictionary<values=string, indices=int32, ordered=0>',
    })
    for (const reader of ['pyarrow', 'polars', 'duckdb'] as const)
      expect(asJson(found[reader]), reader).toEqual(asJson(expectedRows()))
  })
})

describe.skipIf(read === null)('a Parquet file', () => {
  it('is read by all three, types included', async () => {
    const found = await read!(encodeParquet(sample(), new Set(['when', '_timestamp'])), 'parquet')
    expect(found.types).toEqual({
      id: 'string',
      x: 'double',
      when: 'timestamp[ms, tz=UTC]',
      flag: 'bool',
      word: 'string',
      pixels: 'list<element: uint8 not null>',
      vector: 'list<element: float not null>',
      _partition: 'int32',
      _offset: 'int64',
      _timestamp: 'timestamp[ms, tz=UTC]',
      _key: 'binary',
    })
    for (const reader of ['pyarrow', 'polars', 'duckdb'] as const)
      expect(asJson(found[reader]), reader).toEqual(asJson(expectedRows()))
  })

  it('has null for a record without a timestamp', async () => {
    const { rows, byName } = sample()
    const one = [-1n, 1_700_000_000_000n]
    const times = { type: 'int64', values: BigInt64Array.from(at((row) => one[row % 2]!)), valid: null } as const
    const file = encodeParquet(
      { rows, byName: { ...byName, when: times, _timestamp: times } },
      new Set(['when', '_timestamp']),
    )
    const found = await read!(file, 'parquet')
    const [when, timestamp] = ['when', '_timestamp'].map((name) => Object.keys(byName).indexOf(name))
    for (const reader of ['pyarrow', 'polars', 'duckdb'] as const) {
      expect(found[reader].map((row) => row[timestamp!])).toEqual(at((row) => [null, 1_700_000_000_000][row % 2]))
      expect(found[reader].map((row) => row[when!])).toEqual(at((row) => [-1, 1_700_000_000_000][row % 2]))
    }
  })
})
