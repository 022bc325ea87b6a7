// Commits of ranges: one writer wins, retries are one commit, and a version reads the same for ever.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitSnapshot, headSnapshot, snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import { isFailure } from '../../../schemas/failures.ts'
import { faultyStore, onCalls, resetAfterSuccess } from '../faulty-store.ts'
import { range, result, SOURCE } from '../snapshot-builders.ts'

const first = [result(range(0, 0, 10)), result(range(1, 0, 10), { rejects: 3 })]
const second = [result(range(1, 10, 12)), result(range(0, 10, 30))]

const commit = (store: Store, commitId: string, results = first) =>
  commitSnapshot({ store, source: SOURCE, results, commitId })

describe('a commit', () => {
  it('becomes the head', async () => {
    const store = memoryStore()
    expect(await headSnapshot({ store, source: SOURCE })).toBeNull()
    const { snapshot, committed } = await commit(store, 'a')
    expect(committed).toBe(true)
    expect(snapshot).toMatchObject({ version: 1, rows: 17, rejects: 3, source: SOURCE })
    expect(await headSnapshot({ store, source: SOURCE })).toEqual({
      snapshot,
      coverage: [
        { partition: 0, start: 0, end: 10 },
        { partition: 1, start: 0, end: 10 },
      ],
    })
  })
  it('is one commit however often repeated', async () => {
    const store = memoryStore()
    const { snapshot } = await commit(store, 'a')
    expect(await commit(store, 'a')).toEqual({ snapshot, committed: false })
    await commit(store, 'b', second)
    expect(await commit(store, 'a')).toEqual({ snapshot, committed: false })
  })
  it('stands after a lost answer', async () => {
    const store = memoryStore()
    const unlucky = faultyStore(store, { put: onCalls([0], resetAfterSuccess) })
    expect(await commit(unlucky, 'a')).toMatchObject({ committed: true, snapshot: { version: 1 } })
  })
  it('writes nothing when it is refused', async () => {
    const store = memoryStore()
    await commit(store, 'a')
    await expect(commit(store, 'b', [result(range(0, 11, 12))])).rejects.toMatchObject({ code: 'SEGMENT_GAP' })
    expect((await headSnapshot({ store, source: SOURCE }))?.snapshot.version).toBe(1)
  })
})

describe('two writers', () => {
  it('of the same offsets share one commit', async () => {
    const store = memoryStore()
    const outcomes = await Promise.all([commit(store, 'a'), commit(store, 'b')])
    expect(outcomes.filter(({ committed }) => committed)).toHaveLength(1)
    expect(outcomes[0].snapshot).toEqual(outcomes[1].snapshot)
  })
  it('of overlapping offsets conflict', async () => {
    const store = memoryStore()
    await commit(store, 'a')
    await commit(store, 'b', second)
    const late = [result(range(0, 10, 40))]
    await expect(commit(store, 'c', late)).rejects.toMatchObject({ code: 'CHAIN_CONFLICT', facts: { version: 2 } })
  })
  it('of different partitions both commit', async () => {
    const store = memoryStore()
    const base = (await commit(store, 'a')).snapshot
    const [x, y] = await Promise.all(
      second.map((each, i) =>
        commitSnapshot({ store, source: SOURCE, results: [each], commitId: `${i}`, expectedHead: base }),
      ),
    )
    expect([x!.snapshot.version, y!.snapshot.version].sort()).toEqual([2, 3])
    expect((await headSnapshot({ store, source: SOURCE }))?.coverage.map(({ end }) => end)).toEqual([30, 12])
  })
})

describe('many runs at once', () => {
  it('leave one gapless chain', async () => {
    const run = async (store: Store, who: number, step: number): Promise<void> => {
      for (let tries = 0; ; tries++) {
        const head = await headSnapshot({ store, source: SOURCE })
        const start = head?.coverage[0]?.end ?? 0
        if (start >= 40) return
        const results = [result(range(0, start, Math.min(40, start + step)))]
        try {
          await commitSnapshot({
            store,
            source: SOURCE,
            results,
            commitId: `${who}/${tries}`,
            expectedHead: head?.snapshot ?? null,
          })
        } catch (error) {
          if (!isFailure(error, 'CHAIN_CONFLICT')) throw error
        }
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 5, max: 20 }), { minLength: 2, maxLength: 4 }),
        fc.scheduler(),
        async (steps, scheduler) => {
          const truth = memoryStore()
          const store = { ...truth, putIfAbsent: scheduler.scheduleFunction(truth.putIfAbsent) }
          await scheduler.waitFor(Promise.all(steps.map((step, who) => run(store, who, step))))
          const head = await headSnapshot({ store: truth, source: SOURCE })
          expect(head?.coverage).toEqual([{ partition: 0, start: 0, end: 40 }])
          expect(head?.snapshot.rows).toBe(40)
          const { segments } = await snapshotSegments({ store: truth, snapshot: head!.snapshot })
          const edges = segments.map((segment) => segment.range)
          expect(edges.map(({ start }) => start)).toEqual([0, ...edges.slice(0, -1).map(({ end }) => end)])
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the files of a snapshot', () => {
  it('are those up to its version, in order', async () => {
    const store = memoryStore()
    const one = await commit(store, 'a')
    const two = await commit(store, 'b', second)
    const starts = async (snapshot: typeof one.snapshot) =>
      (await snapshotSegments({ store, snapshot })).segments.map((each) => [each.range.partition, each.range.start])
    expect(await starts(one.snapshot)).toEqual([
      [0, 0],
      [1, 0],
    ])
    expect(await starts(two.snapshot)).toEqual([
      [0, 0],
      [0, 10],
      [1, 0],
      [1, 10],
    ])
    const { rejects, coverage } = await snapshotSegments({ store, snapshot: one.snapshot })
    expect(rejects.map(({ rows }) => rows)).toEqual([3])
    expect(coverage).toEqual([
      { partition: 0, start: 0, end: 10 },
      { partition: 1, start: 0, end: 10 },
    ])
  })
  it('are refused when the chain says otherwise', async () => {
    const store = memoryStore()
    const { snapshot } = await commit(store, 'a')
    const forged = { ...snapshot, sha256: '0'.repeat(64) }
    await expect(snapshotSegments({ store, snapshot: forged })).rejects.toMatchObject({ code: 'CHAIN_BROKEN' })
  })
})
