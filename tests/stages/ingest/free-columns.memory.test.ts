// Columns of a written range give their memory back; what others may share stays.
import { expect, test } from 'vitest'
import { readColumns } from '../../../lake/columns/read.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Column, Columns } from '../../../schemas/columns.ts'
import { freeColumns } from '../../../stages/ingest/free-columns.ts'
import { ingestRangeHere } from '../../../stages/ingest/range.ts'
import { readColumnsOfRange } from '../../../stream/ingest.ts'
import { memoryBroker } from '../../../stream/kafka/memory.ts'
import { demoEvents } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

const ROWS = 100_000

function columnsOf(byName: Record<string, Column>): Columns {
  return { rows: ROWS, byName }
}

test('large arrays of every kind are freed', () => {
  const valid = new Uint8Array(200_000)
  const offsets = new Int32Array(ROWS + 1)
  const bytes = new Uint8Array(200_000)
  const values = new Float64Array(ROWS)
  const trimmed = new BigInt64Array(ROWS * 2).subarray(0, ROWS)
  freeColumns(
    columnsOf({
      text: { type: 'utf8', offsets, bytes, valid },
      number: { type: 'float64', values, valid: null },
      time: { type: 'int64', values: trimmed, valid: null },
    }),
  )
  for (const array of [valid, offsets, bytes, values, trimmed]) expect(array.buffer.byteLength).toBe(0)
})

test('small and shared arrays stay', () => {
  const small = new Float64Array([1, 2])
  const shared = new Float64Array(new ArrayBuffer(1_000_000), 8, 2)
  freeColumns(
    columnsOf({
      a: { type: 'float64', values: small, valid: null },
      b: { type: 'float64', values: shared, valid: null },
    }),
  )
  expect([small.buffer.byteLength, shared.buffer.byteLength]).toEqual([16, 1_000_000])
})

test.for(['none', 'zstd'] as const)('segments (%s) hold what was freed', async (codec) => {
  const plan = aPlan()
  const { columns } = plan
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'demo', partitions: 1 })
  broker.append('demo', 0, demoEvents(20_000))
  const range = { topic: 'demo', partition: 0, start: 0, end: 20_000 }
  const store = memoryStore()
  const limits = { maxRangeRows: 20_000, maxRangeBytes: 1e9 }
  const ingestRange = ingestRangeHere({ store, broker, limits, codec })
  const [written] = await ingestRange({ plan, sourceId: 's', range }, { signal: new AbortController().signal })
  const [read] = await Array.fromAsync(readColumnsOfRange({ broker, range, columns, maxBytes: 1e9 }))
  expect(await readColumns(store, written!.segment!)).toEqual(read!.columns)
})
