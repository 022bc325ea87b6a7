// Files of ranges: the key tells what is inside, the rows come back, and misplaced rows are not written.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readColumns } from '../../../lake/columns/read.ts'
import { readRejects, writeRejects, writeSegment } from '../../../lake/snapshots/segment.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import type { Columns } from '../../../schemas/columns.ts'
import type { Reject } from '../../../schemas/segment.ts'
import { range } from '../snapshot-builders.ts'

const AT = range(3, 10, 20)

function segmentColumns(offsets: readonly number[], partition = 3): Columns {
  const rows = offsets.length
  return {
    rows,
    byName: {
      x: { type: 'float64', values: Float64Array.from(offsets), valid: null },
      _partition: { type: 'int32', values: new Int32Array(rows).fill(partition), valid: null },
      _offset: { type: 'int64', values: BigInt64Array.from(offsets, BigInt), valid: null },
    },
  }
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

describe('a segment', () => {
  it('is named by source, range and content', async () => {
    const store = memoryStore()
    const ref = await writeSegment(store, { sourceId: 's', range: AT, columns: segmentColumns([10, 12, 19]) })
    expect(ref).toMatchObject({ range: AT, rows: 3 })
    expect(ref.key).toBe(`segments/s/3/00000000000000000010-00000000000000000020-${ref.sha256}.arrow`)
    expect(await store.get(ref.key)).toHaveLength(ref.bytes)
  })
  it('reads back as it was written', async () => {
    const store = memoryStore()
    const columns = segmentColumns([11, 13])
    const ref = await writeSegment(store, { sourceId: 's', range: AT, columns })
    expect(await readColumns(store, ref)).toEqual(columns)
  })
  it('is one object for the same rows', async () => {
    const store = memoryStore()
    const write = () => writeSegment(store, { sourceId: 's', range: AT, columns: segmentColumns([10]) })
    expect(await write()).toEqual(await write())
    expect(await keysOf(store)).toHaveLength(1)
  })
  it.each([
    ['no rows', segmentColumns([])],
    ['an offset before the range', segmentColumns([9, 10])],
    ['an offset after the range', segmentColumns([19, 20])],
    ['an offset twice', segmentColumns([10, 10])],
    ['offsets out of order', segmentColumns([11, 10])],
    ['rows of another partition', segmentColumns([10], 4)],
  ])('is not written with %s', async (_name, columns) => {
    const store = memoryStore()
    await expect(writeSegment(store, { sourceId: 's', range: AT, columns })).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
    })
    expect(await keysOf(store)).toEqual([])
  })
})

describe('a rejects file', () => {
  const cell = fc.option(fc.uint8Array({ maxLength: 12 }))
  const reject = fc.record(
    {
      timestamp: fc.integer({ min: -1, max: 2 ** 45 }),
      key: cell,
      value: cell,
      headers: fc.uint8Array({ maxLength: 12 }),
      reasons: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
    },
    { requiredKeys: ['timestamp', 'key', 'value', 'reasons'] },
  )

  it('gives back every record whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(reject, { minLength: 1, maxLength: 10 }), async (records) => {
        const rejects: Reject[] = records.map((record, i) => ({ partition: 3, offset: 10 + i, ...record }))
        const store = memoryStore()
        const ref = await writeRejects(store, { sourceId: 's', range: AT, rejects })
        expect(ref.rows).toBe(rejects.length)
        expect(ref.key).toMatch(/^rejects\/s\/3\//)
        expect(await readRejects(store, ref)).toEqual(rejects)
      }),
    )
  })
  it('has the bytes of earlier versions without headers', async () => {
    const rejects = [{ partition: 3, offset: 10, timestamp: 1, key: null, value: new Uint8Array([1]), reasons: ['r'] }]
    const { sha256 } = await writeRejects(memoryStore(), { sourceId: 's', range: AT, rejects })
    expect(sha256).toBe('9fc7c8884f06c5093f57f050f3ae1128dfddee07569545b3d8ec3af151416d10')
  })
})
