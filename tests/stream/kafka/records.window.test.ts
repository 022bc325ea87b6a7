// A record that the window does not hold whole is left for the next one, whatever stands behind the window.
import { expect, test } from 'vitest'
import type { BatchHeader } from '../../../stream/kafka/batch.ts'
import { emptyRecord, readRecord } from '../../../stream/kafka/records.ts'
import { buildBatch } from './batch-builder.ts'

const HEADER_BYTES = 61
const BATCH = { baseOffset: 0, baseTimestamp: 0, appendTimestamp: null } as unknown as BatchHeader

/** The first record of a window that ends at `end`. */
function readAt(bytes: Buffer, end: number) {
  const window = { bytes, at: 0, end }
  const source = { topic: 't', partition: 0, brokers: [] }
  const isRead = readRecord({ source, batch: BATCH, maxRecordBytes: 1 << 20, window, record: emptyRecord(bytes) })
  return { isRead, at: window.at }
}

test.each([
  ['zeros', 0],
  ['bytes of a length that goes on', 255],
  ['bytes of a length that ends', 127],
])('cut anywhere, with %s behind', (_, stale) => {
  const record = buildBatch({ baseOffset: 0, records: [{ offset: 0, value: 'x'.repeat(9_000) }] }).subarray(
    HEADER_BYTES,
  )
  for (let end = 0; end < record.length; end++) {
    const bytes = Buffer.alloc(record.length + 20, stale)
    record.copy(bytes, 0, 0, end)
    expect(readAt(bytes, end), `cut at ${end}`).toEqual({ isRead: false, at: 0 })
  }
  expect(readAt(record, record.length)).toEqual({ isRead: true, at: record.length })
})

test('a length of more than five bytes is refused where they stand', () => {
  expect(() => readAt(Buffer.alloc(20, 255), 20)).toThrow(expect.objectContaining({ code: 'BATCH_UNREADABLE' }))
})
