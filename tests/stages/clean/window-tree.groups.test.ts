// Groups of windows: every window in one group of each level, and a whole group stays what it is when a partition grows.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { windowsOf } from '../../../clean/windows.ts'
import { type WindowNode, windowTrees } from '../../../stages/clean/window-tree.ts'

const OFFSETS = 4
const coverage = fc.uniqueArray(
  fc.record({ partition: fc.nat(3), start: fc.nat(300), length: fc.integer({ min: 1, max: 2_000 }) }),
  { selector: ({ partition }) => partition, minLength: 1 },
)

const windowsIn = (found: readonly { partition: number; start: number; length: number }[]) =>
  windowsOf(
    found.map(({ partition, start, length }) => ({ partition, start, end: start + length })),
    { arrivals: [], offsets: OFFSETS },
  )

const leavesOf = (node: WindowNode): number[] => (node.level === 0 ? [node.from] : node.children.flatMap(leavesOf))
const allNodes = (node: WindowNode): WindowNode[] => [node, ...node.children.flatMap(allNodes)]

test('a tree holds the windows of its partition, once and in order', () => {
  fc.assert(
    fc.property(coverage, (found) => {
      const windows = windowsIn(found)
      const trees = windowTrees(windows, OFFSETS)
      expect(trees.flatMap(leavesOf)).toEqual([...windows.keys()])
      for (const node of trees.flatMap(allNodes)) {
        expect(leavesOf(node)).toEqual(Array.from({ length: node.to - node.from }, (_, i) => node.from + i))
        expect(new Set(windows.slice(node.from, node.to).map(({ partition }) => partition)).size).toBe(1)
        if (node.isWhole) expect(node.to - node.from).toBe(16 ** node.level)
      }
    }),
  )
})

test('whole groups are groups of the same windows later on', () => {
  fc.assert(
    fc.property(coverage, fc.nat(3_000), (found, more) => {
      const groups = (grown: typeof found) => {
        const windows = windowsIn(grown)
        const whole = windowTrees(windows, OFFSETS)
          .flatMap(allNodes)
          .filter((node) => node.isWhole && node.level > 0)
        return whole.map(({ level, from, to }) => `${level} ${JSON.stringify(windows.slice(from, to))}`)
      }
      const later = new Set(groups(found.map((each) => ({ ...each, length: each.length + more }))))
      expect(groups(found).filter((group) => !later.has(group))).toEqual([])
    }),
  )
})
