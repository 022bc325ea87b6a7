// A range in pieces: each record once, in the pieces that the rule says, whatever the compression, and nothing is fetched twice.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FetchLink, READ_SETTINGS, readPieces } from '../../../stream/kafka/fetch.ts'
import type { FetchAnswer } from '../../../stream/kafka/fetch-response.ts'
import { copyKey, copyValue, type RecordSink } from '../../../stream/record.ts'
import { answer, type BuiltRecord, buildBatch } from './batch-builder.ts'
import { COMPRESSORS } from './compressors.ts'
import { answerFrom, type DrawnLog, drawnLog, expectedPieces } from './drawn-log.ts'
import { readRange } from './read-range.ts'

/** A partition that can be read, and the offsets that were asked for. */
function linkTo(fetch: (offset: number) => FetchAnswer, end: number): FetchLink & { readonly asked: number[] } {
  const asked: number[] = []
  return {
    asked,
    brokers: ['drawn'],
    fetch: async ({ offset }) => {
      asked.push(offset)
      return fetch(offset)
    },
    ends: async () => ({ logStart: 0, lastStableOffset: end }),
    logEnd: async () => end,
    cleanupPolicy: async () => 'compact',
    refresh: async () => {},
    errorOf: (code) => new Error(`code ${code}`),
  }
}

/** A sink that keeps what it is given, and compares it with what the log has. */
function collector({ entries }: DrawnLog, offsets: number[]): RecordSink {
  return (record) => {
    const { key, value } = entries[record.offset] as BuiltRecord
    expect(copyKey(record)).toEqual(key === null ? null : new Uint8Array(Buffer.from(key as string)))
    expect(Buffer.from(copyValue(record)!).equals(value as Buffer)).toBe(true)
    offsets.push(record.offset)
  }
}

const settingsOf = fc.record({
  wholeBytes: fc.constantFrom(1, 5_000, 16 << 20),
  chunkBytes: fc.constantFrom(64, 700, 65_536, 1 << 20),
})

test('any log in any pieces', async () => {
  const maxBytes = fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.constantFrom(100_000, Number.POSITIVE_INFINITY))
  await fc.assert(
    fc.asyncProperty(
      drawnLog,
      settingsOf,
      maxBytes,
      fc.nat(),
      fc.integer({ min: 1, max: 4 }),
      async (log, cut, max, at, count) => {
        const settings = { ...READ_SETTINGS, ...cut }
        const range = { topic: 't', partition: 0, start: at % (log.entries.length + 1), end: log.entries.length }
        const link = linkTo((offset) => answerFrom(log, offset, count), range.end)
        const expected = expectedPieces(log, range.start, max)
        let offsets: number[] = []
        const openSink = (): RecordSink => {
          offsets = []
          return collector(log, offsets)
        }
        const pieces: unknown[] = []
        for await (const piece of readPieces({ link, range, openSink, maxBytes: max, settings }))
          pieces.push({ ...piece, offsets })
        expect(pieces).toEqual(expected)
        expect(link.asked).toEqual([...new Set(link.asked)])
        // interrupted, and begun anew where a piece starts
        const again = expected.length > 0 ? expected[at % expected.length]! : null
        if (again === null) return
        const start = expected[expected.indexOf(again) - 1]?.end ?? range.start
        const sink = openSink()
        const read = await readRange({ link, range: { ...range, start }, sink, maxBytes: max, settings })
        expect({ ...read, offsets }).toEqual(again)
      },
    ),
    { numRuns: 300 },
  )
})

describe('one large batch', () => {
  const VALUE = 'all of it has been said before. '.repeat(4_000)
  const records = Array.from({ length: 200 }, (_, offset) => ({ offset, value: VALUE }))
  const range = { topic: 't', partition: 0, start: 0, end: 200 }
  const settings = { ...READ_SETTINGS, wholeBytes: 1 }

  describe.each(['gzip', 'zstd', 'lz4', "snappy in Xerial's framing"] as const)('%s', (name) => {
    const batches = [buildBatch({ baseOffset: 0, records, compressor: COMPRESSORS[name] })]
    const linkToBatch = () => linkTo(() => answer(batches), 200)

    test('is fetched once for all its pieces', async () => {
      const link = linkToBatch()
      const ends: number[] = []
      for await (const { end } of readPieces({ link, range, openSink: () => () => {}, maxBytes: 1_000_000, settings }))
        ends.push(end)
      expect(ends).toEqual(Array.from({ length: 25 }, (_, i) => (i + 1) * 8))
      expect(link.asked).toEqual([0])
    })

    test('takes little memory', async () => {
      const many = Array.from({ length: 500 }, (_, offset) => ({ offset, value: VALUE }))
      const large = [buildBatch({ baseOffset: 0, records: many, compressor: COMPRESSORS[name] })]
      const link = linkTo(() => answer(large), 500)
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const sink = (): void => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }
      await readRange({ link, range: { ...range, end: 500 }, sink, settings })
      expect(most).toBeLessThan(12_000_000)
    })

    test('leaves others their turn', async () => {
      let turns = 0
      let turnsBefore = 0
      const count = (): void => {
        turns++
        timer = setImmediate(count)
      }
      let timer = setImmediate(count)
      let longest = 0
      const sink = (): void => {
        longest = turns === turnsBefore ? longest + 1 : 1
        turnsBefore = turns
        if (longest > 40) throw new Error('no turn for 5 MB')
      }
      await readRange({ link: linkToBatch(), range, sink, settings }).finally(() => clearImmediate(timer))
      expect(turns).toBeGreaterThan(5)
    })

    test('ends in the middle when it is cancelled', async () => {
      const controller = new AbortController()
      let delivered = 0
      const sink = (): void => {
        if (++delivered === 20) controller.abort(new Error('enough'))
      }
      const { signal } = controller
      await expect(readRange({ link: linkToBatch(), range, sink, signal, settings })).rejects.toThrow('enough')
      expect(delivered).toBeLessThan(100)
    })

    test('can be left in the middle', async () => {
      const openSink = (): RecordSink => () => {}
      for await (const { end } of readPieces({ link: linkToBatch(), range, openSink, maxBytes: 1, settings }))
        if (end === 3) break
      const pieces = readPieces({ link: linkToBatch(), range, openSink, maxBytes: 1, settings })
      await pieces.next()
      await pieces.return()
      expect(await pieces.next()).toEqual({ done: true, value: undefined })
    })
  })
})
