// What a person reads of rejects: how often each reason, and some records of each.
import { beforeEach, expect, test } from 'vitest'
import { reportRejects } from '../../../lake/snapshots/reject-report.ts'
import { writeRejects } from '../../../lake/snapshots/segment.ts'
import { commitSnapshot } from '../../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import type { Reject } from '../../../schemas/segment.ts'
import { range, SOURCE, TOPIC } from '../snapshot-builders.ts'

let store: Store
beforeEach(() => {
  store = memoryStore()
})

/** Commits one range of partition 0 per list, each record at its own offset, with these reasons. */
async function commit(...files: (readonly (readonly string[])[])[]): Promise<void> {
  let start = 0
  for (const [i, records] of files.entries()) {
    const at = range(0, start, start + records.length)
    const rejects = records.map((reasons, row): Reject => {
      const [offset, timestamp] = [start + row, 0]
      return { partition: 0, offset, timestamp, key: null, value: Buffer.from(`value ${offset}`), reasons }
    })
    const file = await writeRejects(store, { sourceId: SOURCE.id, range: at, rejects })
    const results = [{ range: at, segment: null, rejects: file, holes: [] }]
    await commitSnapshot({ store, source: SOURCE, results, commitId: `commit ${i}` })
    start = at.end
  }
}

const report = (maxSamples = 3) => reportRejects(store, { sourceId: SOURCE.id, maxSamples })

test('records count under each of their reasons, once', async () => {
  await commit(
    [['x: expected a number, found "a"'], ['not JSON: Unexpected token', 'y: expected a flag, found 7']],
    [['x: expected a number, found "b"', 'x: expected a number, found "c"', 'y: expected a flag, found 8']],
  )
  expect(await report()).toMatchObject({
    total: 3,
    reasons: [
      { reason: 'x: expected a number', count: 2 },
      { reason: 'y: expected a flag', count: 2 },
      { reason: 'not JSON', count: 1 },
    ],
  })
})

test('samples are the first of each reason before second ones', async () => {
  await commit([['often'], ['often'], ['often'], ['seldom'], ['seldom', 'often']])
  const offsetsOf = async (maxSamples: number) => (await report(maxSamples)).samples.map(({ offset }) => offset)
  expect(await offsetsOf(1)).toEqual([0])
  expect(await offsetsOf(2)).toEqual([0, 3])
  expect(await offsetsOf(4)).toEqual([0, 3, 1, 4])
  expect(await offsetsOf(99)).toEqual([0, 3, 1, 4, 2])
  const [first] = (await report(1)).samples
  expect(first).toMatchObject({ topic: TOPIC, partition: 0, reasons: ['often'] })
  expect(Buffer.from(first!.value!).toString()).toBe('value 0')
})

test('reasons without end are told together', async () => {
  await commit(Array.from({ length: 502 }, (_, i) => [`column ${i}: expected a number, found nothing`]))
  const { total, reasons } = await report(0)
  expect([total, reasons.length]).toEqual([502, 501])
  expect(reasons[0]).toEqual({ reason: 'other reasons', count: 2 })
})

test('a source without rejects has an empty report', async () => {
  expect(await report()).toEqual({ total: 0, reasons: [], samples: [] })
})
