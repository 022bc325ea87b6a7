// After any schedule of commits, crashes, merges and time, collection leaves everything that anybody may still read.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openChain } from '../../../lake/chain.ts'
import { readColumns } from '../../../lake/columns/read.ts'
import { compactSource } from '../../../lake/snapshots/compact.ts'
import { writeSegment } from '../../../lake/snapshots/segment.ts'
import { commitSnapshot, snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { deleteGarbage, findGarbage, sumGarbage } from '../../../lake/upkeep/collect.ts'
import type { Garbage } from '../../../lake/upkeep/garbage.ts'
import { verifyLake } from '../../../lake/upkeep/verify.ts'
import { snapshotChain } from '../../../schemas/ids.ts'
import type { SnapshotChange } from '../../../schemas/manifest.ts'
import type { RangeResult } from '../../../schemas/segment.ts'
import { range, SOURCE } from '../snapshot-builders.ts'

const DAY_MS = 86_400_000
const AGE_MS = 7 * DAY_MS
const chain = snapshotChain(SOURCE.id)

type World = ReturnType<typeof newWorld>

/** A lake whose clock the test turns. */
function newWorld() {
  const clock = { nowMs: 1_700_000_000_000 }
  const store = memoryStore({ now: () => clock.nowMs })
  /** offsets in the lake, by partition */
  const ends = [0, 0]
  let commits = 0
  const beforeMs = (): number => clock.nowMs - AGE_MS

  /** Files of [end, end + rows), written and not committed. */
  const write = async (partition: number, rows: number): Promise<RangeResult> => {
    const start = ends[partition]!
    const at = range(partition, start, start + rows)
    const offsets = BigInt64Array.from({ length: rows }, (_, i) => BigInt(start + i))
    const columns = {
      rows,
      byName: {
        _partition: { type: 'int32', values: new Int32Array(rows).fill(partition), valid: null },
        _offset: { type: 'int64', values: offsets, valid: null },
      },
    } as const
    const segment = await writeSegment(store, { sourceId: SOURCE.id, range: at, columns })
    return { range: at, segment, rejects: null, holes: [] }
  }
  return {
    clock,
    store,
    beforeMs,
    write,
    async commit(partition: number, rows: number): Promise<void> {
      const results = [await write(partition, rows)]
      await commitSnapshot({ store, source: SOURCE, results, commitId: `run-${++commits}` })
      ends[partition]! += rows
    },
    async compact(): Promise<void> {
      await compactSource({ store, sourceId: SOURCE.id, targetBytes: 8_000, minRanges: 2 })
    },
    garbage(): Promise<Garbage[]> {
      return findGarbage({ store, sourceId: SOURCE.id, pipeline: 'demo', beforeMs: beforeMs() })
    },
  }
}

type Step =
  | { readonly does: 'commit' | 'crash'; readonly partition: number; readonly rows: number }
  | { readonly does: 'compact' | 'collect' }
  | { readonly does: 'wait'; readonly days: number }

const place = { partition: fc.nat(1), rows: fc.integer({ min: 1, max: 4 }) }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('commit' as const), ...place }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('crash' as const), ...place }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('compact' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('collect' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), days: fc.constantFrom(1, 3, 8) }) },
)

async function play(world: World, steps: readonly Step[]): Promise<void> {
  for (const each of steps) {
    if (each.does === 'commit') await world.commit(each.partition, each.rows)
    else if (each.does === 'crash') await world.write(each.partition, each.rows)
    else if (each.does === 'wait') world.clock.nowMs += each.days * DAY_MS
    else if (each.does === 'compact') await world.compact()
    else await deleteGarbage(world.store, await world.garbage())
  }
}

/** Every file of every snapshot that was the newest one at some moment since `beforeMs`. */
async function checkReadable({ store, beforeMs }: World): Promise<void> {
  const links = await openChain<SnapshotChange>({ store, chain }).entries()
  const since = new Map<number, number>()
  for await (const { modifiedMs } of store.objects(`${chain}/`)) since.set(since.size + 1, modifiedMs)
  for (const { ref } of links) {
    const replacedMs = since.get(ref.version + 1) ?? Number.POSITIVE_INFINITY
    if (replacedMs < beforeMs()) continue
    const { segments } = await snapshotSegments({ store, snapshot: ref })
    for (const segment of segments) await readColumns(store, segment)
  }
}

test('what may be read stays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const world = newWorld()
      await play(world, steps)
      await deleteGarbage(world.store, await world.garbage())
      await checkReadable(world)
      const { problems } = await verifyLake(world.store, { sourceId: SOURCE.id })
      expect(problems).toEqual([])
      expect(await world.garbage()).toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('chain entries all stay', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const world = newWorld()
      await play(world, steps)
      expect((await world.garbage()).filter(({ key }) => key.startsWith('sources/'))).toEqual([])
    }),
  )
})

test('the kinds are told apart', async () => {
  const world = newWorld()
  await world.write(0, 3) // a crash; its offsets come again, cut otherwise
  for (let i = 0; i < 4; i++) await world.commit(0, 2)
  await world.compact()
  await world.write(0, 1) // its offsets may still be committed by a run that goes on
  expect(await world.garbage()).toEqual([])
  world.clock.nowMs += AGE_MS + 1
  const garbage = await world.garbage()
  expect(sumGarbage(garbage).map(({ kind, objects }) => [kind, objects])).toEqual([
    ['replaced', 4],
    ['orphan', 1],
  ])
  expect(garbage.every(({ bytes }) => bytes > 0)).toBe(true)
})

test('replaced files wait as long as their replacement', async () => {
  const world = newWorld()
  for (let i = 0; i < 4; i++) await world.commit(0, 2)
  world.clock.nowMs += 30 * DAY_MS
  await world.compact() // somebody may be reading the snapshot before it
  expect(await world.garbage()).toEqual([])
  world.clock.nowMs += AGE_MS + 1
  expect(await world.garbage()).toHaveLength(4)
})
