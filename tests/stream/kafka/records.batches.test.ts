// Damaged, huge and empty batches, built by hand.
import { describe, expect, test } from 'vitest'
import { isFailure } from '../../../schemas/failures.ts'
import type { RangeRead } from '../../../stream/broker.ts'
import { offsetAfter } from '../../../stream/kafka/batch.ts'
import { decodeBatches, openBatches } from '../../../stream/kafka/batches.ts'
import { openLedger, settle } from '../../../stream/kafka/gaps.ts'
import { INFLATE_SETTINGS } from '../../../stream/kafka/inflate/packed.ts'
import { type BuiltBatch, buildBatch, controlBatch, numbered, seal } from './batch-builder.ts'

interface Decoded extends RangeRead {
  readonly values: string[]
}

function decode(bytes: Buffer, start: number, end: number, maxBytes?: number): Decoded {
  const ledger = openLedger({ topic: 't', partition: 0, start, end }, maxBytes)
  const values: string[] = []
  const sink = (record: { bytes: Buffer; valueStart: number; valueLength: number }): void => {
    values.push(record.bytes.toString('utf8', record.valueStart, record.valueStart + record.valueLength))
  }
  decodeBatches(openBatches({ source: ledger.range, bytes, aborted: [], settings: INFLATE_SETTINGS }), ledger, sink)
  return { values, ...settle(ledger) }
}

describe('damage', () => {
  const batch: BuiltBatch = { baseOffset: 5, records: numbered(5, 9) }

  test('every flipped bit under the checksum is found', () => {
    const good = buildBatch(batch)
    for (let bit = 17 * 8; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decode(bad, 5, 9)).toThrow(/BATCH|expected CRC-32C/)
    }
  })

  test('names topic, partition, offset and checksums', () => {
    const bad = buildBatch(batch)
    bad[bad.length - 1]! ^= 1
    try {
      decode(bad, 5, 9)
      expect.unreachable()
    } catch (error) {
      expect(isFailure(error, 'BATCH_CORRUPT') && error.facts).toMatchObject({ topic: 't', partition: 0, offset: 5 })
    }
  })

  test.each<[string, (bytes: Buffer) => void]>([
    ['an older message format', (bytes) => bytes.writeInt8(1, 16)],
    ['an unknown codec', (bytes) => bytes.writeInt16BE(7, 21)],
    ['bytes that are not gzip', (bytes) => bytes.writeInt16BE(1, 21)],
    ['more records than there are', (bytes) => bytes.writeInt32BE(5, 57)],
    ['fewer records than there are', (bytes) => bytes.writeInt32BE(3, 57)],
  ])('%s is unreadable', (_, spoil) => {
    const bytes = buildBatch(batch)
    spoil(bytes)
    expect(() => decode(seal(bytes), 5, 9)).toThrow(expect.objectContaining({ code: 'BATCH_UNREADABLE' }))
  })

  test('offsets that go back are unreadable', () => {
    const bytes = buildBatch({ baseOffset: 0, lastOffset: 3, records: [{ offset: 2 }, { offset: 1 }] })
    expect(() => decode(bytes, 0, 4)).toThrow(expect.objectContaining({ code: 'BATCH_UNREADABLE' }))
  })
})

describe('sizes', () => {
  test.each(['none', 'gzip'] as const)('200,000 records in one batch, %s', (codec) => {
    const { records, values } = decode(buildBatch({ baseOffset: 0, records: numbered(0, 200_000), codec }), 0, 200_000)
    expect(records).toBe(200_000)
    expect(values.at(-1)).toBe('v199999')
  })

  test('an empty retained batch is a hole', () => {
    const bytes = Buffer.concat([
      buildBatch({ baseOffset: 0, records: numbered(0, 2) }),
      buildBatch({ baseOffset: 2, lastOffset: 99, records: [], producerId: 1 }),
      buildBatch({ baseOffset: 100, records: numbered(100, 101) }),
    ])
    expect(decode(bytes, 0, 101)).toMatchObject({ records: 3, holes: [{ kind: 'compacted', start: 2, end: 100 }] })
    expect(offsetAfter(bytes, 0)).toBe(101)
  })

  test('an emptied control batch is a control hole', () => {
    const bytes = buildBatch({
      baseOffset: 3,
      lastOffset: 3,
      records: [],
      producerId: 1,
      isTransactional: true,
      isControl: true,
    })
    expect(decode(bytes, 3, 4).holes).toEqual([{ kind: 'control', start: 3, end: 4 }])
  })

  test('offsets absent before a marker are compacted', () => {
    const bytes = Buffer.concat([buildBatch({ baseOffset: 0, records: numbered(0, 2) }), controlBatch(6, 9, 'commit')])
    expect(decode(bytes, 0, 7).holes).toEqual([
      { kind: 'compacted', start: 2, end: 6 },
      { kind: 'control', start: 6, end: 7 },
    ])
  })

  test('a cut batch at the end is ignored', () => {
    const whole = buildBatch({ baseOffset: 0, records: numbered(0, 3) })
    const cut = buildBatch({ baseOffset: 3, records: numbered(3, 6) })
    for (let kept = 0; kept < cut.length; kept++) {
      const bytes = Buffer.concat([whole, cut.subarray(0, kept)])
      expect(offsetAfter(bytes, 0)).toBe(3)
      expect(decode(bytes, 0, 3).values).toEqual(['v0', 'v1', 'v2'])
    }
  })
})

describe('maxBytes', () => {
  const bytes = Buffer.concat([
    buildBatch({ baseOffset: 0, records: numbered(0, 4) }),
    controlBatch(4, 9, 'commit'),
    buildBatch({ baseOffset: 5, records: numbered(5, 8) }),
  ])

  test('stops after the record that reaches it', () => {
    expect(decode(bytes, 0, 8, 5)).toMatchObject({ end: 3, records: 3, bytes: 6, holes: [] })
    expect(decode(bytes, 0, 8, 6)).toMatchObject({ end: 3, records: 3, bytes: 6 })
    expect(decode(bytes, 0, 8, 8)).toMatchObject({ end: 4, records: 4, holes: [] })
  })

  test('pieces put together are the whole', () => {
    for (let maxBytes = 1; maxBytes < 20; maxBytes++) {
      const values: string[] = []
      let start = 0
      while (start < 8) {
        const piece = decode(bytes, start, 8, maxBytes)
        expect(piece.end).toBeGreaterThan(start)
        values.push(...piece.values)
        start = piece.end
      }
      expect(values).toEqual(['v0', 'v1', 'v2', 'v3', 'v5', 'v6', 'v7'])
    }
  })
})
