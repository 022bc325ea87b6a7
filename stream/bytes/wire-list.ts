// Numbers that stand one behind the other → a list column's next row.
import { fitsElement } from '../../core/rule.ts'
import { reserveList } from '../rows/build.ts'
import type { Target } from './wire-put.ts'
import {
  copyNumbers,
  held,
  READ,
  type ReadCode,
  readDouble,
  readFloat,
  readSigned,
  readVarint,
  readWire,
  readZigzag,
  skipVarint,
} from './wire-read.ts'

/** How elements of a list stand on the wire. */
export type ElementRead = Exclude<
  ReadCode,
  typeof READ.boolean | typeof READ.bytes | typeof READ.zigzagBytes | typeof READ.fixed
>

/** A list column, and how its elements are read. All functions below return the position behind the list; −1: not taken, and no row was made. */
export interface ListLeaf {
  readonly target: Target
  readonly read: ElementRead
}

/** Blocks of a zigzag count and so many elements; a negative count is followed by the block's bytes; 0 ends. */
export function runBlocks(list: ListLeaf, bytes: Buffer, start: number, end: number): number {
  const place = { list, bytes, end }
  let elements = 0
  for (let at = start; at >= 0; ) {
    at = readZigzag(bytes, at, end)
    if (at < 0) return -1
    const count = Math.abs(held[0]!)
    if (count === 0) return closeList(list.target, elements) ? at : -1
    if (held[0]! < 0) at = skipVarint(bytes, at, end)
    if (at >= 0) at = putElements(place, at, elements, count)
    elements += count
  }
  return -1
}

/** The bytes of all elements behind their length. */
export function runPacked(list: ListLeaf, bytes: Buffer, at: number, end: number): number {
  const behind = readWire(READ.bytes, bytes, at, end, 0)
  if (behind < 0) return -1
  const { width } = list.target.list
  const after = putElements({ list, bytes, end: behind }, behind - held[0]!, 0, width)
  return after === behind && closeList(list.target, width) ? behind : -1
}

/** Elements one by one, each but the first behind the same tag. */
export function runRepeated(list: ListLeaf, tag: number, bytes: Buffer, start: number, end: number): number {
  const place = { list, bytes, end }
  let at = start
  for (let count = 0; at >= 0; ) {
    at = putElements(place, at, count++, 1)
    if (at < 0) return -1
    const behindTag = readVarint(bytes, at, end)
    if (behindTag < 0 || held[0] !== tag) return closeList(list.target, count) ? at : -1
    at = behindTag
  }
  return -1
}

interface Place {
  readonly list: ListLeaf
  readonly bytes: Buffer
  readonly end: number
}

/**
 * Puts elements [from, from + count) of the next row; the row counts when `closeList` was called.
 * Returns the position behind them, −1 when one of them is not what the column takes or the row has no room for them.
 */
function putElements({ list: { target, read }, bytes, end }: Place, at: number, from: number, count: number): number {
  const { list, min, max, integers } = target
  if (from + count > list.width) return -1
  const to = reserveList(list) + from
  const { values } = list
  const isDouble = read === READ.double
  if ((isDouble || read === READ.float) && !integers)
    return copyNumbers({ isDouble, end, min, max }, at, values, to, count)
  let position = at
  for (let i = 0; i < count; i++) {
    position = readElement(read, bytes, position, end)
    if (position < 0 || !fitsElement(held[0]!, min, max, integers)) return -1
    values[to + i] = held[0]!
  }
  return position
}

function readElement(read: ReadCode, bytes: Buffer, at: number, end: number): number {
  switch (read) {
    case READ.float:
      return readFloat(at, end)
    case READ.double:
      return readDouble(at, end)
    case READ.zigzag:
      return readZigzag(bytes, at, end)
    case READ.signed:
      return readSigned(bytes, at, end)
    default:
      return readVarint(bytes, at, end)
  }
}

/** Makes the row of its elements; false when they are too few. */
function closeList({ list }: Target, count: number): boolean {
  if (count !== list.width) return false
  list.rows++
  return true
}
