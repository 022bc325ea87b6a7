// Windows in groups of sixteen, and these in groups of sixteen: what is known of a whole group need not be asked of each window.
import type { Window } from '../../clean/windows.ts'

const GROUP = 16

/** A window, or a group of up to sixteen nodes one level below, which follow each other in one partition. */
export interface WindowNode {
  /** 0: a window */
  readonly level: number
  /** indices [from, to) of its windows */
  readonly from: number
  readonly to: number
  /** every window that may ever be in it is there, and whole */
  readonly isWhole: boolean
  readonly children: readonly WindowNode[]
}

/**
 * One tree for each partition, over windows in (partition, offset) order on a grid of `offsets`. Which windows are in a group is decided by
 * their offsets alone, so that a whole group stays what it is when a partition grows.
 */
export function windowTrees(windows: readonly Window[], offsets: number): WindowNode[] {
  const place = (index: number): number => Math.floor(windows[index]!.start / offsets)
  const leaves = windows.map(
    ({ isWhole }, index): WindowNode => ({ level: 0, from: index, to: index + 1, isWhole, children: [] }),
  )
  const byPartition = Map.groupBy(leaves, ({ from }) => windows[from]!.partition)
  return [...byPartition.values()].map((nodes) => {
    let level = nodes
    for (let width = GROUP; level.length > 1; width *= GROUP) {
      const groups = Map.groupBy(level, ({ from }) => Math.floor(place(from) / width))
      level = [...groups.values()].map(groupOf)
    }
    return level[0]!
  })
}

function groupOf(children: readonly WindowNode[]): WindowNode {
  const { level, from } = children[0]!
  const isWhole = children.length === GROUP && children.every((child) => child.isWhole)
  return { level: level + 1, from, to: children.at(-1)!.to, isWhole, children }
}
