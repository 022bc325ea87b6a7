// What a commit costs does not grow with the chain: requests are counted on the twin.
import { expect, test } from 'vitest'
import { writeSegment } from '../../lake/snapshots/segment.ts'
import { commitSnapshot, headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { compactAfterCommit } from '../../stages/ingest/compact-after-commit.ts'
import { range, SOURCE } from '../lake/snapshot-builders.ts'

const COMMITS = 200

interface Counted {
  readonly store: Store
  /** chain entries read, other objects read */
  readonly gets: { chain: number; files: number }
}

function countingStore(): Counted {
  const store = memoryStore()
  const gets = { chain: 0, files: 0 }
  const get: Store['get'] = (key) => {
    gets[key.includes('/snapshots/') ? 'chain' : 'files']++
    return store.get(key)
  }
  return { store: { ...store, get }, gets }
}

async function oneRow(store: Store, partition: number, offset: number): Promise<RangeResult> {
  const at = range(partition, offset, offset + 1)
  const columns = {
    rows: 1,
    byName: {
      _partition: { type: 'int32', values: Int32Array.of(partition), valid: null },
      _offset: { type: 'int64', values: BigInt64Array.of(BigInt(offset)), valid: null },
    },
  } as const
  return {
    range: at,
    segment: await writeSegment(store, { sourceId: SOURCE.id, range: at, columns }),
    rejects: null,
    holes: [],
  }
}

/** `COMMITS` commits of one row, going around the partitions; → chain entries read by each, compaction included. */
async function costs(
  { store, gets }: Counted,
  { partitions, compactRanges }: { partitions: number; compactRanges: number },
) {
  const each: number[] = []
  for (let i = 0; i < COMMITS; i++) {
    const results = [await oneRow(store, i % partitions, Math.floor(i / partitions))]
    const before = gets.chain
    await commitSnapshot({ store, source: SOURCE, results, commitId: `run-${i}` })
    await compactAfterCommit(store, { source: SOURCE, compactRanges })
    each.push(gets.chain - before)
  }
  return each
}

test('a commit reads the head only', async () => {
  const each = await costs(countingStore(), { partitions: 3, compactRanges: 1_000 })
  expect(Math.max(...each)).toBe(4) // head and its parent, for the commit and for the count
  expect(each.at(-1)).toBe(4)
})

test.each([1, 5])('merging reads back to its first range, partitions: %i', async (partitions) => {
  const counted = countingStore()
  const compactRanges = 16
  const each = await costs(counted, { partitions, compactRanges })
  // the walk of a merge is as long as its tails, and done twice: to plan and to commit; the doubling reads up to 16 more
  const longest = 2 * (compactRanges * partitions + 16) + 8
  expect(Math.max(...each)).toBeLessThanOrEqual(longest)
  const mean = each.reduce((total, count) => total + count, 0) / COMMITS
  expect(mean).toBeLessThan(12)
  const head = await headSnapshot({ store: counted.store, source: SOURCE })
  const { segments } = await snapshotSegments({ store: counted.store, snapshot: head!.snapshot })
  expect(segments.length).toBeLessThan(compactRanges * partitions)
})

test('an own earlier commit is found', async () => {
  const { store, gets } = countingStore()
  for (let i = 0; i < 40; i++)
    await commitSnapshot({ store, source: SOURCE, results: [await oneRow(store, 0, i)], commitId: `run-${i}` })
  const before = gets.chain
  const again = await commitSnapshot({
    store,
    source: SOURCE,
    results: [await oneRow(store, 0, 37)],
    commitId: 'run-37',
  })
  expect(again).toMatchObject({ committed: false, snapshot: { version: 38 } })
  expect(gets.chain - before).toBeLessThan(12)
})
