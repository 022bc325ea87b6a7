// Which commits are allowed: gapless, disjoint, every offset explained.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planSnapshotChange } from '../../../lake/snapshots/snapshot-change.ts'
import type { SnapshotChange } from '../../../schemas/manifest.ts'
import type { RangeResult } from '../../../schemas/segment.ts'
import { range, result, SOURCE, TOPIC } from '../snapshot-builders.ts'

function plan(head: SnapshotChange | null, ...results: RangeResult[]) {
  return planSnapshotChange(head, { source: SOURCE, results })
}

function changeOf(head: SnapshotChange | null, ...results: RangeResult[]): SnapshotChange {
  const planned = plan(head, ...results)
  if (planned.kind !== 'append') throw new TypeError(`expected an append, found ${planned.kind}`)
  return planned.change
}

const HEAD = changeOf(null, result(range(0, 0, 10)), result(range(1, 5, 8)))

describe('a first commit', () => {
  it('covers what its ranges cover', () => {
    const change = changeOf(
      null,
      result(range(1, 7, 9)),
      result(range(0, 4, 6), { rejects: 1 }),
      result(range(0, 0, 4)),
    )
    expect(change.coverage).toEqual([
      { partition: 0, start: 0, end: 6 },
      { partition: 1, start: 7, end: 9 },
    ])
    expect(change.ranges.map((each) => each.range.start)).toEqual([0, 4, 7])
    expect(change).toMatchObject({ rows: 7, rejects: 1, source: SOURCE })
  })
})

describe('a later commit', () => {
  it('goes on where the coverage ends', () => {
    const change = changeOf(HEAD, result(range(1, 8, 12), { rejects: 4 }))
    expect(change.coverage).toEqual([
      { partition: 0, start: 0, end: 10 },
      { partition: 1, start: 5, end: 12 },
    ])
    expect(change).toMatchObject({ rows: 13, rejects: 4 })
  })
  it('may add a partition', () => {
    expect(changeOf(HEAD, result(range(2, 3, 4))).coverage).toHaveLength(3)
  })
  it('may not skip offsets', () => {
    expect(() => plan(HEAD, result(range(0, 11, 12)))).toThrow(
      expect.objectContaining({ code: 'SEGMENT_GAP', facts: { topic: TOPIC, partition: 0, expected: 10, found: 11 } }),
    )
  })
  it('may not skip offsets between ranges', () => {
    const ranges = [result(range(0, 10, 12)), result(range(0, 13, 14))]
    expect(() => plan(HEAD, ...ranges)).toThrow(
      expect.objectContaining({ code: 'SEGMENT_GAP', facts: { topic: TOPIC, partition: 0, expected: 12, found: 13 } }),
    )
  })
  it('may not hold an offset twice', () => {
    const ranges = [result(range(0, 10, 12)), result(range(0, 11, 14))]
    expect(() => plan(HEAD, ...ranges)).toThrow(expect.objectContaining({ code: 'SEGMENT_GAP' }))
  })
  it('is covered when all its offsets are', () => {
    expect(plan(HEAD, result(range(0, 2, 9)), result(range(1, 5, 8)))).toEqual({ kind: 'covered' })
  })
  it('overlaps when some of its offsets are', () => {
    expect(plan(HEAD, result(range(0, 2, 9)), result(range(1, 8, 9)))).toEqual({ kind: 'overlaps' })
    expect(plan(HEAD, result(range(0, 9, 11)))).toEqual({ kind: 'overlaps' })
    expect(plan(HEAD, result(range(1, 0, 8)))).toEqual({ kind: 'overlaps' })
  })
  it('is refused for another cluster', () => {
    const source = { ...SOURCE, clusterId: 'other' }
    expect(() => planSnapshotChange(HEAD, { source, results: [result(range(0, 10, 11))] })).toThrow(
      expect.objectContaining({ code: 'CLUSTER_CHANGED' }),
    )
  })
})

describe('a range', () => {
  const at = range(0, 0, 10)
  const good = result(at, { rejects: 2, holes: [{ kind: 'control', start: 4, end: 5 }] })

  it('is complete with rejects and holes', () => {
    expect(plan(null, good).kind).toBe('append')
    expect(plan(null, result(at, { rejects: 10 })).kind).toBe('append')
    expect(plan(null, result(at, { holes: [{ kind: 'compacted', start: 0, end: 10 }] })).kind).toBe('append')
  })

  const wrong: [string, RangeResult][] = [
    ['loses a row', { ...good, segment: { ...good.segment!, rows: 6 } }],
    ['has a row too many', { ...good, segment: { ...good.segment!, rows: 8 } }],
    ['loses its rejects', { ...good, rejects: null }],
    ['has no offsets', result(range(0, 3, 3))],
    ['is of another topic', result({ ...at, topic: 'other' })],
    ['has a file of another range', { ...good, segment: { ...good.segment!, range: range(0, 0, 11) } }],
    ['has an empty file', { ...good, segment: { ...good.segment!, rows: 0 } }],
    ['has a hole outside', { ...good, holes: [{ kind: 'aborted', start: 10, end: 11 }] }],
    ['has an empty hole', { ...good, holes: [...good.holes, { kind: 'aborted', start: 6, end: 6 }] }],
    [
      'has overlapping holes',
      {
        ...result(at, { rejects: 6 }),
        segment: null,
        holes: [
          { kind: 'aborted', start: 2, end: 4 },
          { kind: 'control', start: 3, end: 5 },
        ],
      },
    ],
  ]
  it.each(wrong)('is refused when it %s', (_name, bad) => {
    expect(() => plan(null, bad)).toThrow(expect.objectContaining({ code: 'RANGE_INCOMPLETE' }))
  })
})

describe('any cut of the offsets', () => {
  it('covers the same and counts the same', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 8 })
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 3 }), (at, perCommit) => {
        const edges = [0, ...[...at].sort((a, b) => a - b), 100]
        const results = edges.slice(1).map((end, i) => result(range(0, edges[i]!, end), { rejects: 1 }))
        let head: SnapshotChange | null = null
        for (let i = 0; i < results.length; i += perCommit) head = changeOf(head, ...results.slice(i, i + perCommit))
        expect(head?.coverage).toEqual([{ partition: 0, start: 0, end: 100 }])
        expect(head).toMatchObject({ rows: 100 - results.length, rejects: results.length })
      }),
    )
  })
})
