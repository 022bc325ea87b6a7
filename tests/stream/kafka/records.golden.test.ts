// The decoder against batches that Kafka's own Java classes wrote (tests/fixtures/stream/MakeBatches.java).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Hole } from '../../../schemas/segment.ts'
import { decodeBatches, openBatches } from '../../../stream/kafka/batches.ts'
import { openLedger, settle } from '../../../stream/kafka/gaps.ts'
import { INFLATE_SETTINGS } from '../../../stream/kafka/inflate/packed.ts'
import { copyKey, copyValue, type RecordSink } from '../../../stream/record.ts'

type Row = readonly [offset: number, timestamp: number | bigint, key: string | null, value: string | null]

interface Golden {
  readonly aborted: readonly (readonly [producerId: number, firstOffset: number])[]
  readonly records: readonly Row[]
}

const fixture = (name: string): URL => new URL(`../../fixtures/stream/${name}`, import.meta.url)
const golden = (name: string): Golden => JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8')) as Golden
const base64 = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64')

function decode(name: string, start: number, end: number, aborted: Golden['aborted'] = []) {
  const ledger = openLedger({ topic: name, partition: 0, start, end })
  const rows: Row[] = []
  const batches = openBatches({
    source: ledger.range,
    bytes: readFileSync(fixture(`${name}.batches`)),
    aborted: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
    settings: INFLATE_SETTINGS,
  })
  const sink: RecordSink = (record) =>
    rows.push([record.offset, record.timestamp, base64(copyKey(record)), base64(copyValue(record))])
  decodeBatches(batches, ledger, sink)
  return { rows, ...settle(ledger) }
}

describe('batches written by Java', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('%s decodes to the same records', (codec) => {
    const { rows, holes } = decode(codec, 100, 148)
    expect(rows).toEqual(golden('none').records)
    expect(holes).toEqual([])
  })

  test('log append time replaces the records’ times', () => {
    expect(decode('append-time', 100, 148).rows).toEqual(golden('append-time').records)
  })

  test('any part of a range gives its records', () => {
    for (let start = 100; start < 148; start += 7) {
      for (let end = start + 1; end <= 148; end += 5) {
        const expected = golden('none').records.filter(([offset]) => offset >= start && offset < end)
        expect(decode('zstd', start, end).rows).toEqual(expected)
      }
    }
  })
})

describe('a compacted log', () => {
  const survivors = golden('compacted').records
  const offsets = new Set(survivors.map(([offset]) => offset))

  test('gives the survivors and explains the rest', () => {
    const { rows, holes, end } = decode('compacted', 0, 50)
    expect(rows).toEqual(survivors)
    expect(end).toBe(50)
    expect(offsetsOf(holes)).toEqual(Array.from({ length: 50 }, (_, i) => i).filter((offset) => !offsets.has(offset)))
    expect(new Set(holes.map(({ kind }) => kind))).toEqual(new Set(['compacted']))
  })

  test('merges neighbouring holes', () => {
    // the whole batch [15,20) was removed, and record 21 of the one after
    expect(decode('compacted', 12, 22).holes).toEqual([
      { kind: 'compacted', start: 15, end: 20 },
      { kind: 'compacted', start: 21, end: 22 },
    ])
  })

  test('every part is complete', () => {
    for (let start = 0; start < 50; start++) {
      for (let end = start + 1; end <= 50; end++) {
        const { rows, holes } = decode('compacted', start, end)
        expect(rows.length + offsetsOf(holes).length).toBe(end - start)
      }
    }
  })
})

describe('overlapping aborted transactions', () => {
  const { aborted, records } = golden('transactions')
  const committed = records.filter(([, , , value]) => Buffer.from(value!, 'base64').toString().includes('ok'))

  test('leak no record', () => {
    expect(decode('transactions', 0, 14, aborted).rows).toEqual(committed)
  })

  test('explain every hole', () => {
    expect(decode('transactions', 0, 14, aborted).holes).toEqual([
      { kind: 'aborted', start: 0, end: 3 },
      { kind: 'aborted', start: 4, end: 8 },
      { kind: 'control', start: 8, end: 9 },
      { kind: 'control', start: 10, end: 12 },
      { kind: 'control', start: 13, end: 14 },
    ])
  })

  test('without the broker’s list nothing is filtered', () => {
    expect(decode('transactions', 0, 14).rows).toEqual(records)
  })
})

function offsetsOf(holes: readonly Hole[]): number[] {
  return holes.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))
}
