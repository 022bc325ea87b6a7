// What every Broker promises, run against the twin in memory and against a real broker.
import { beforeAll, describe, expect, test } from 'vitest'
import type { OffsetRange } from '../../schemas/segment.ts'
import type { Broker, ReadOptions } from '../../stream/broker.ts'
import { readColumnsOfRange } from '../../stream/ingest.ts'
import type { MemoryRecord } from '../../stream/kafka/memory.ts'
import { copyKey, copyValue, type RecordSink } from '../../stream/record.ts'

export interface BrokerFixture {
  readonly broker: Broker
  send(topic: string, partition: number, records: readonly MemoryRecord[]): Promise<void>
  deleteTopic(topic: string): Promise<void>
  /** what lag monitors see: the next offset by partition */
  groupOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>>
  deleteBefore(topic: string, partition: number, offset: number): Promise<void>
  newTopicName(): string
}

const PATIENT = { timeout: 20_000, interval: 100 }

const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString()

export function describeBroker(name: string, open: () => Promise<BrokerFixture>): void {
  describe(name, () => {
    let fixture: BrokerFixture
    let broker: Broker
    beforeAll(async () => {
      fixture = await open()
      broker = fixture.broker
      return () => broker.close()
    })

    async function filled(partitions = 1, count = 10): Promise<OffsetRange> {
      const topic = fixture.newTopicName()
      await broker.createTopic({ topic, partitions, settings: { 'retention.ms': '-1' } })
      const records = Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: `v${i}`, timestamp: 1000 + i }))
      await fixture.send(topic, 0, records)
      return { topic, partition: 0, start: 0, end: count }
    }

    async function read(range: OffsetRange, options?: ReadOptions) {
      const offsets: number[] = []
      const result = await broker.readRange(range, ({ offset }) => void offsets.push(offset), options)
      return { offsets, ...result }
    }

    test('has one id', async () => {
      expect(await broker.clusterId()).toMatch(/.+/)
      expect(await broker.clusterId()).toBe(await broker.clusterId())
    })

    test('creates a topic once', async () => {
      const topic = fixture.newTopicName()
      expect(await broker.createTopic({ topic, partitions: 3 })).toBe('created')
      expect(await broker.createTopic({ topic, partitions: 5 })).toBe('exists')
      expect((await broker.topicEnds(topic)).map(({ partition }) => partition)).toEqual([0, 1, 2])
    })

    test('an unknown topic is a failure', async () => {
      await expect(broker.topicEnds(fixture.newTopicName())).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
    })

    test('ends tell what can be read', async () => {
      const { topic } = await filled(2)
      expect(await broker.topicEnds(topic)).toEqual([
        { partition: 0, logStart: 0, lastStableOffset: 10 },
        { partition: 1, logStart: 0, lastStableOffset: 0 },
      ])
    })

    test('any part of a range is exact', async () => {
      const range = await filled()
      for (let start = 0; start <= 10; start++) {
        for (let end = start; end <= 10; end += 3) {
          const { offsets, ...result } = await read({ ...range, start, end })
          expect(offsets).toEqual(Array.from({ length: end - start }, (_, i) => start + i))
          expect(result).toMatchObject({ end, holes: [], records: end - start })
        }
      }
    })

    test('keys, values and times arrive', async () => {
      const topic = fixture.newTopicName()
      await broker.createTopic({ topic, partitions: 1, settings: { 'retention.ms': '-1' } })
      await fixture.send(topic, 0, [
        { key: 'ключ', value: 'значение', timestamp: 1 },
        { key: null, value: 'no key', timestamp: 1_700_000_000_000 },
        { key: 'dead', value: null, timestamp: 5 },
        { key: '', value: '', timestamp: 4 },
      ])
      const rows: unknown[] = []
      await broker.readRange({ topic, partition: 0, start: 0, end: 4 }, (record) => {
        rows.push([record.timestamp, text(copyKey(record)), text(copyValue(record))])
      })
      expect(rows).toEqual([
        [1, 'ключ', 'значение'],
        [1_700_000_000_000, null, 'no key'],
        [5, 'dead', null],
        [4, '', ''],
      ])
    })

    test('maxBytes stops after the record that reaches it', async () => {
      const range = await filled()
      expect(await read(range, { maxBytes: 9 })).toMatchObject({ offsets: [0, 1, 2], end: 3, bytes: 12 })
      expect(await read(range, { maxBytes: 8 })).toMatchObject({ offsets: [0, 1], end: 2 })
    })

    test('pieces follow each other', async () => {
      const range = await filled(1, 50)
      const pieces: [number, number, number][] = []
      for await (const piece of readColumnsOfRange({
        broker,
        range,
        columns: [{ name: 'id', kind: 'id' }],
        maxBytes: 30,
      })) {
        pieces.push([piece.range.start, piece.range.end, piece.rejects.length])
        expect(piece.columns).toBeNull()
      }
      expect(pieces[0]![0]).toBe(0)
      expect(pieces.at(-1)![1]).toBe(50)
      for (const [i, [start, end, rejects]] of pieces.entries()) {
        expect(start).toBe(i === 0 ? 0 : pieces[i - 1]![1])
        expect(rejects).toBe(end - start)
      }
      expect(pieces.length).toBeGreaterThan(3)
    })

    test('a piece begun anew is the same', async () => {
      const range = await filled(1, 30)
      let offsets: number[] = []
      const openSink = (): RecordSink => {
        offsets = []
        return ({ offset }) => void offsets.push(offset)
      }
      let start = 0
      for await (const piece of broker.readPieces(range, openSink, { maxBytes: 21 })) {
        expect(await read({ ...range, start }, { maxBytes: 21 })).toEqual({ ...piece, offsets })
        start = piece.end
      }
      expect(start).toBe(30)
    })

    test('pieces stop when they are no longer asked for', async () => {
      const range = await filled()
      const pieces = broker.readPieces(range, () => () => {}, { maxBytes: 1 })
      expect((await pieces.next()).value).toMatchObject({ end: 1, records: 1 })
      await pieces.return()
      expect((await pieces.next()).done).toBe(true)
    })

    test('an aborted signal ends the pieces', async () => {
      const controller = new AbortController()
      const range = await filled()
      const pieces = broker.readPieces(range, () => () => {}, { maxBytes: 1, signal: controller.signal })
      await pieces.next()
      controller.abort(new Error('enough'))
      await expect(pieces.next()).rejects.toThrow('enough')
    })

    test('what was deleted is lost', async () => {
      const range = await filled()
      await fixture.deleteBefore(range.topic, 0, 4)
      expect(await broker.topicEnds(range.topic)).toEqual([{ partition: 0, logStart: 4, lastStableOffset: 10 }])
      await expect(read(range)).rejects.toMatchObject({
        code: 'OFFSETS_LOST',
        facts: { expected: 0, found: 4, lost: 4 },
      })
      expect((await read({ ...range, start: 4 })).offsets).toEqual([4, 5, 6, 7, 8, 9])
    })

    test('a log is whole up to its epoch’s end', async () => {
      const { topic, end } = await filled(3)
      const { epochs } = await broker.topicLog(topic)
      expect(epochs).toHaveLength(3)
      expect(await broker.epochEnds(topic, epochs)).toEqual(new Map([[0, end], [1, 0], [2, 0]])) // biome-ignore format: a table
      expect(await broker.epochEnds(topic, [-1, epochs[1]!])).toEqual(new Map([[1, 0]]))
    })

    test('an epoch that never was is unknown', async () => {
      const { topic } = await filled()
      expect(await broker.epochEnds(topic, [1000])).toEqual(new Map([[0, -1]]))
    })

    test('published offsets are a group’s', async () => {
      const { topic } = await filled(2)
      const group = `lag-${topic}`
      await broker.publishOffsets(group, topic, [{ partition: 0, offset: 4 }])
      await broker.publishOffsets(group, topic, [{ partition: 0, offset: 7 }, { partition: 1, offset: 1 }]) // biome-ignore format: a table
      expect(await fixture.groupOffsets(group, topic)).toEqual(new Map([[0, 7], [1, 1]])) // biome-ignore format: a table
    })

    test('an aborted signal ends the read', async () => {
      const range = await filled()
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(read(range, { signal })).rejects.toThrow('enough')
    })

    test('what the sink throws ends the read', async () => {
      const range = await filled()
      const sink = (): never => {
        throw new Error('sink is full')
      }
      await expect(broker.readRange(range, sink)).rejects.toThrow('sink is full')
    })

    // the last one: kafkajs's producer cannot forget a topic that was deleted
    test('a topic that is created again has another id', async () => {
      const { topic } = await filled()
      const { topicId } = await broker.topicLog(topic)
      expect(topicId).toMatch(/.+/)
      expect(await broker.topicLog(topic)).toMatchObject({ topicId })
      await fixture.deleteTopic(topic)
      await expect.poll(() => broker.topicLog(topic).catch(({ code }) => code), PATIENT).toBe('TOPIC_UNKNOWN')
      await broker.createTopic({ topic, partitions: 1 })
      const again = await broker.topicLog(topic)
      expect(again.topicId).toMatch(/.+/)
      expect(again.topicId).not.toBe(topicId)
    }, 60_000)
  })
}
