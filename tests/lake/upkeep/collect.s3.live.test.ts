// Collection on a real S3 server: ages and sizes are the server's, what was replaced goes, the rest verifies.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { compactSource } from '../../../lake/snapshots/compact.ts'
import { writeSegment } from '../../../lake/snapshots/segment.ts'
import { commitSnapshot } from '../../../lake/snapshots/snapshots.ts'
import { openS3Store } from '../../../lake/store/s3.ts'
import { deleteGarbage, findGarbage, sumGarbage } from '../../../lake/upkeep/collect.ts'
import { verifyLake } from '../../../lake/upkeep/verify.ts'
import { range, SOURCE } from '../snapshot-builders.ts'

const { s3 } = inject('endpoints')
const store = openS3Store(s3, { prefix: `tests/${randomUUID()}/` })
beforeAll(() => store.ensureBucket())
afterAll(() => store.close())

const { id: sourceId } = SOURCE
const HOUR_MS = 3_600_000

async function write(start: number, rows: number) {
  const at = range(0, start, start + rows)
  const columns = {
    rows,
    byName: {
      _partition: { type: 'int32', values: new Int32Array(rows), valid: null },
      _offset: {
        type: 'int64',
        values: BigInt64Array.from({ length: rows }, (_, i) => BigInt(start + i)),
        valid: null,
      },
    },
  } as const
  return { range: at, segment: await writeSegment(store, { sourceId, range: at, columns }), rejects: null, holes: [] }
}

test('replaced files and orphans go, once', async () => {
  await write(0, 5) // its commit never came
  for (let i = 0; i < 6; i++) {
    const results = [await write(i * 2, 2)]
    await commitSnapshot({ store, source: SOURCE, results, commitId: `run-${i}` })
  }
  await compactSource({ store, sourceId, targetBytes: 1_000_000, minRanges: 2 })
  const find = (beforeMs: number) => findGarbage({ store, sourceId, pipeline: 'demo', beforeMs })
  expect(await find(Date.now() - HOUR_MS)).toEqual([])

  const garbage = await find(Date.now() + HOUR_MS)
  expect(sumGarbage(garbage)).toMatchObject([
    { kind: 'replaced', objects: 6 },
    { kind: 'orphan', objects: 1 },
  ])
  await deleteGarbage(store, garbage)
  await deleteGarbage(store, garbage)
  expect(await find(Date.now() + HOUR_MS)).toEqual([])
  const { source, problems } = await verifyLake(store, { sourceId })
  expect({ problems, source }).toMatchObject({ problems: [], source: { rows: 12, versions: 7 } })
})
