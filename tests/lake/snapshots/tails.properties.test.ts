// A walk back from the head finds what the whole chain says, and the counted tails are those of the fold.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Link, openChain } from '../../../lake/chain.ts'
import { bytesOf, planCompaction } from '../../../lake/snapshots/compact-plan.ts'
import { rangesBehind } from '../../../lake/snapshots/ranges-behind.ts'
import { rangesInForce } from '../../../lake/snapshots/ranges-in-force.ts'
import { type Replacement, replaceRanges } from '../../../lake/snapshots/replace-ranges.ts'
import { isWorthMerging, TAIL_TARGET_BYTES } from '../../../lake/snapshots/small-tail.ts'
import { commitSnapshot } from '../../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import { snapshotChain } from '../../../schemas/ids.ts'
import type { SmallTail, SnapshotChange } from '../../../schemas/manifest.ts'
import type { OffsetRange, RangeResult } from '../../../schemas/segment.ts'
import { range, SOURCE } from '../snapshot-builders.ts'

const chain = snapshotChain(SOURCE.id)
const MIB = 1024 * 1024

let files = 0

/** A range whose file has that many bytes, and a name of its own. */
function sized(at: OffsetRange, bytes: number): RangeResult {
  const name = `file-${++files}`
  const segment = { key: name, sha256: name, bytes, range: at, rows: at.end - at.start }
  return { range: at, segment, rejects: null, holes: [] }
}

/** What happens to the chain: a commit of ranges by partition, or a merge of neighbours somewhere. */
type Step = { readonly append: readonly { partition: number; mib: number }[] } | { readonly merge: number }

const append = fc.uniqueArray(fc.record({ partition: fc.nat(2), mib: fc.constantFrom(1, 3, 7, 8, 20) }), {
  minLength: 1,
  maxLength: 3,
  selector: ({ partition }) => partition,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append }) },
  { weight: 1, arbitrary: fc.record({ merge: fc.nat(1_000) }) },
)

async function play(store: Store, steps: readonly Step[]): Promise<Link<SnapshotChange>[]> {
  const ends = [0, 0, 0]
  for (const [i, each] of steps.entries()) {
    if ('merge' in each) await mergeSome(store, each.merge)
    else {
      const results = each.append.map(({ partition, mib }) => {
        const start = ends[partition]!
        ends[partition] = start + 2
        return sized(range(partition, start, start + 2), mib * MIB)
      })
      await commitSnapshot({ store, source: SOURCE, results, commitId: `step-${i}` })
    }
  }
  return [...(await openChain<SnapshotChange>({ store, chain }).entries())]
}

/** Merges two to four neighbours, which `at` picks; nothing where there are none. */
async function mergeSome(store: Store, at: number): Promise<void> {
  const links = await openChain<SnapshotChange>({ store, chain }).entries()
  const inForce = rangesInForce(links.map(({ entry }) => entry.change))
  if (inForce.length === 0) return
  const first = at % inForce.length
  const { partition } = inForce[first]!.range
  const of = inForce.slice(first, first + 2 + (at % 3)).filter((each) => each.range.partition === partition)
  const bytes = of.reduce((total, each) => total + bytesOf(each), 0)
  const by = sized(range(partition, of[0]!.range.start, of.at(-1)!.range.end), bytes)
  const replacements: Replacement[] = [{ of, by }]
  await replaceRanges({ store, sourceId: SOURCE.id, kind: 'compacted', replacements })
}

/** By the obvious way: the whole chain folded, then counted from the end. */
function tailsOf(inForce: readonly RangeResult[]): SmallTail[] {
  return [0, 1, 2].flatMap((partition) => {
    const own = inForce.filter((each) => each.range.partition === partition)
    let ranges = 0
    while (ranges < own.length && bytesOf(own[own.length - 1 - ranges]!) * 2 < TAIL_TARGET_BYTES) ranges++
    const tail = own.slice(own.length - ranges)
    const bytes = tail.reduce((total, each) => total + bytesOf(each), 0)
    return ranges === 0 ? [] : [{ partition, start: tail[0]!.range.start, ranges, bytes }]
  })
}

const steps = fc.array(step, { minLength: 1, maxLength: 25 })

test('a walk back finds the fold', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.nat(60), { minLength: 3, maxLength: 3 }), async (played, floors) => {
      const store = memoryStore()
      const links = await play(store, played)
      const head = links.at(-1)
      if (head === undefined) return
      const inForce = rangesInForce(links.map(({ entry }) => entry.change))
      const found = await rangesBehind({ store, chain }, { head, floors: new Map(floors.entries()) })
      const expected = inForce.filter((each) => each.range.end > floors[each.range.partition]!)
      expect([...found.values()].flat()).toEqual(expected)
    }),
  )
})

test('carried tails are those of the fold', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (played) => {
      const links = await play(memoryStore(), played)
      for (const [i, { entry }] of links.entries()) {
        const inForce = rangesInForce(links.slice(0, i + 1).map((link) => link.entry.change))
        // a merge may hide a large range that ended the tail: then it is counted from where the walk ended
        const counted = entry.change.small ?? []
        for (const tail of counted) {
          const own = tailsOf(inForce).find(({ partition }) => partition === tail.partition)!
          expect(tail.start).toBeGreaterThanOrEqual(own.start)
          if (tail.start === own.start) expect(tail).toEqual(own)
        }
        expect(counted.map(({ partition }) => partition)).toEqual(tailsOf(inForce).map(({ partition }) => partition))
      }
    }),
  )
})

test('what is worth merging has a plan', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: TAIL_TARGET_BYTES / 2 - 1 }), { minLength: 1, maxLength: 90 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 2, max: 70 }), (bytes, minRanges) => {
      const ranges = bytes.map((each, i) => sized(range(0, i, i + 1), each))
      const tail = tailsOf(ranges)[0]!
      const groups = planCompaction(ranges, { targetBytes: TAIL_TARGET_BYTES, minRanges })
      if (bytes.length < minRanges) expect(isWorthMerging(tail, minRanges)).toBe(groups.length > 0)
      else expect(isWorthMerging(tail, minRanges)).toBe(true)
    }),
  )
})
