// Timestamps of records are kept to the last digit, whatever the producer counts, and −1 stays −1.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rejectColumns, rejectsOf } from '../../../lake/snapshots/reject-columns.ts'
import type { Column } from '../../../schemas/columns.ts'
import { decodeBatches, openBatches } from '../../../stream/kafka/batches.ts'
import { openLedger } from '../../../stream/kafka/gaps.ts'
import { INFLATE_SETTINGS } from '../../../stream/kafka/inflate/packed.ts'
import { rowCollector } from '../../../stream/rows/rows.ts'
import { type BuiltBatch, buildBatch } from './batch-builder.ts'

/** As records have them, as the column of their rows, and as their rejects read back. */
function timestampsOf(batch: Pick<BuiltBatch, 'baseTimestamp'>, deltas: readonly bigint[]) {
  const records = deltas.map((delta, offset) => ({ offset, delta, value: '{"id":1}' }))
  const ledger = openLedger({ topic: 't', partition: 0, start: 0, end: deltas.length })
  const rows = rowCollector([{ name: 'id', kind: 'id' }], 0)
  const found: (number | bigint)[] = []
  decodeBatches(
    openBatches({
      source: ledger.range,
      bytes: buildBatch({ baseOffset: 0, records, ...batch }),
      aborted: [],
      settings: INFLATE_SETTINGS,
    }),
    ledger,
    (record) => {
      found.push(record.timestamp)
      rows.add(record, ['a'])
      rows.reject(record, ['a reason'])
    },
  )
  const { columns, rejects } = rows.finish()
  const { values } = columns!.byName._timestamp as Extract<Column, { type: 'int64' }>
  return { found, stored: [...values], rejected: rejectsOf(rejectColumns(rejects)).map(({ timestamp }) => timestamp) }
}

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc.constantFrom(-1n, 0n, 1_700_000_000_000n, 1_700_000_000_123_456_789n, 2n ** 63n - 1n, -(2n ** 63n)),
)

test('every 64-bit timestamp is exact', () => {
  let large = 0
  fc.assert(
    fc.property(int64, fc.array(int64, { minLength: 1, maxLength: 4 }), (baseTimestamp, deltas) => {
      const expected = deltas.map((delta) => BigInt.asIntN(64, baseTimestamp + delta))
      const { found, stored, rejected } = timestampsOf({ baseTimestamp }, deltas)
      const asNumbers = expected.map((x) => (Number.isSafeInteger(Number(x)) ? Number(x) : x))
      large += asNumbers.filter((x) => typeof x === 'bigint').length
      expect(found).toEqual(asNumbers)
      expect(stored).toEqual(expected)
      expect(rejected).toEqual(asNumbers)
    }),
    { numRuns: 500 },
  )
  expect(large).toBeGreaterThan(100)
})

test('a missing one is −1 all the way', () => {
  const { found, stored, rejected } = timestampsOf({ baseTimestamp: -1n }, [0n, 1_700_000_000_001n, 0n])
  expect(found).toEqual([-1, 1_700_000_000_000, -1])
  expect(stored).toEqual([-1n, 1_700_000_000_000n, -1n])
  expect(rejected).toEqual(found)
})
