// Compressed batches that hold something else than they say: refused at their place, whether they are inflated at once or in chunks.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HoleKind } from '../../../schemas/segment.ts'
import { decodeBatches, feed, openBatches } from '../../../stream/kafka/batches.ts'
import { openLedger, settle } from '../../../stream/kafka/gaps.ts'
import { INFLATE_SETTINGS, type InflateSettings } from '../../../stream/kafka/inflate/packed.ts'
import { type BuiltBatch, buildBatch, controlBatch, numbered, seal } from './batch-builder.ts'
import { COMPRESSORS, type Compressor } from './compressors.ts'
import { sampleBytes } from './inflate/sample-bytes.ts'

const BOTH = [['at once', INFLATE_SETTINGS], ['in chunks', { ...INFLATE_SETTINGS, wholeBytes: 1, chunkBytes: 64 }]] as const // biome-ignore format: a table
const PLACE = { topic: 't', partition: 0, offset: 5 }

interface Decoded {
  readonly values: readonly string[]
  readonly holes: readonly { readonly kind: HoleKind; readonly start: number; readonly end: number }[]
}

async function decode(bytes: Buffer, settings: InflateSettings, range = { start: 5, end: 9 }): Promise<Decoded> {
  const ledger = openLedger({ topic: 't', partition: 0, ...range })
  const batches = openBatches({ source: ledger.range, bytes, aborted: [], settings })
  const values: string[] = []
  const sink = (record: { bytes: Buffer; valueStart: number; valueLength: number }): void => {
    values.push(record.bytes.toString('latin1', record.valueStart, record.valueStart + record.valueLength))
  }
  while (decodeBatches(batches, ledger, sink) === 'starved') await feed(batches, undefined)
  return { values, ...settle(ledger) }
}

/** The batch with another body. */
function withBody(batch: Buffer, body: Buffer): Buffer {
  const bytes = Buffer.concat([batch.subarray(0, 61), body])
  bytes.writeInt32BE(bytes.length - 12, 8)
  return seal(bytes)
}

describe.each(BOTH)('%s', (_, settings) => {
  describe.each(Object.entries<Compressor>(COMPRESSORS))('%s', (__, compressor) => {
    const batch: BuiltBatch = { baseOffset: 5, records: numbered(5, 9), compressor }

    test.each([3, 5])('four records, counted as %i', async (recordCount) => {
      await expect(decode(buildBatch({ ...batch, recordCount }), settings)).rejects.toMatchObject({
        code: 'BATCH_UNREADABLE',
        facts: { ...PLACE, expected: expect.stringContaining(`${recordCount} `) },
      })
    })

    test('a record behind the range, counted by nobody', async () => {
      // with a value of 57 bytes a record has 64, as a chunk: it begins with the chunk behind the range
      const records = numbered(5, 9).map((record) => ({ ...record, value: sampleBytes(record.offset, 57) }))
      const bytes = buildBatch({ ...batch, records, lastOffset: 7, recordCount: 3 })
      await expect(decode(bytes, settings, { start: 5, end: 8 })).rejects.toMatchObject({
        code: 'BATCH_UNREADABLE',
        facts: { ...PLACE, expected: '3 records' },
      })
    })

    test('a cut batch, wherever it is cut', async () => {
      const records = numbered(5, 9).map((record) => ({ ...record, value: sampleBytes(record.offset, 700) }))
      const whole = buildBatch({ ...batch, records })
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 62 }), async (length) => {
          const reading = decode(withBody(whole, whole.subarray(61, 61 + length)), settings)
          await expect(reading).rejects.toMatchObject({ code: 'BATCH_UNREADABLE', facts: PLACE })
        }),
        { numRuns: 40 },
      )
    })

    test('a batch without its last byte', async () => {
      const reading = decode(withBody(buildBatch(batch), buildBatch(batch).subarray(61, -1)), settings)
      await expect(reading).rejects.toMatchObject({ code: 'BATCH_UNREADABLE', facts: PLACE })
    })

    test('a part of the range, with nothing behind it', async () => {
      const { values } = await decode(buildBatch(batch), settings, { start: 6, end: 8 })
      expect(values).toEqual(['v6', 'v7'])
    })
  })

  test('a record beyond the limit', async () => {
    const records = [...numbered(5, 8), { offset: 8, value: 'x'.repeat(2_000) }]
    const bytes = buildBatch({ baseOffset: 5, records, codec: 'gzip' })
    await expect(decode(bytes, { ...settings, maxRecordBytes: 1_000 })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      facts: { ...PLACE, expected: 1_000, found: 2_007 },
      next: expect.stringContaining('SLUICE_MAX_RECORD_BYTES'),
    })
    expect((await decode(bytes, { ...settings, maxRecordBytes: 2_007 })).values).toHaveLength(4)
  })

  test('a batch beyond the limit', async () => {
    const records = numbered(5, 9).map((record) => ({ ...record, value: 'x'.repeat(500) }))
    const bytes = buildBatch({ baseOffset: 5, records, codec: 'gzip' })
    await expect(decode(bytes, { ...settings, maxBatchBytes: 2_000 })).rejects.toMatchObject({
      code: 'BATCH_TOO_LARGE',
      facts: { ...PLACE, expected: 2_000 },
      next: expect.stringContaining('SLUICE_MAX_BATCH_BYTES'),
    })
  })

  test('a length that does not end', async () => {
    const body = COMPRESSORS.gzip.compress(Buffer.alloc(5_000, 0x80))
    const bytes = withBody(buildBatch({ baseOffset: 5, records: numbered(5, 9), codec: 'gzip' }), body)
    const facts = { ...PLACE, expected: "a record's length in 5 bytes" }
    await expect(decode(bytes, settings)).rejects.toMatchObject({ code: 'BATCH_UNREADABLE', facts })
  })

  test('a length of less than nothing', async () => {
    const body = COMPRESSORS.gzip.compress(Buffer.from([9, 0, 0, 0, 1, 1, 0]))
    const bytes = withBody(buildBatch({ baseOffset: 5, records: numbered(5, 9), codec: 'gzip' }), body)
    await expect(decode(bytes, settings)).rejects.toMatchObject({ code: 'BATCH_UNREADABLE', facts: PLACE })
  })

  test('an emptied batch that still names its codec is a hole', async () => {
    const emptied = withBody(buildBatch({ baseOffset: 5, lastOffset: 8, records: [], codec: 'gzip' }), Buffer.alloc(0))
    expect((await decode(emptied, settings)).holes).toEqual([{ kind: 'compacted', start: 5, end: 9 }])
  })

  test('a control batch is inflated for its first record alone', async () => {
    const key = Buffer.from([0, 0, 0, 1])
    const records = [{ offset: 5, key, value: sampleBytes(1, 100_000) }]
    const whole = controlBatch(5, 9, 'commit', { lastOffset: 8, records, compressor: COMPRESSORS.gzip })
    const cut = withBody(whole, whole.subarray(61, -8))
    const holes = [{ kind: 'control', start: 5, end: 9 }]
    if (settings.wholeBytes > 1) await expect(decode(cut, settings)).rejects.toMatchObject({ code: 'BATCH_UNREADABLE' })
    else expect((await decode(cut, settings)).holes).toEqual(holes)
    expect((await decode(whole, settings)).holes).toEqual(holes)
  })
})
