// Numbers that stand one behind the other → elements of a list column's next row.
import { reserveList } from './build.ts'
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
  readZigzag,
} from './wire-read.ts'

/**
 * Puts elements [from, from + count) of the next row; the row counts when `closeList` was called.
 * Returns the position behind them, −1 when one of them is not what the column takes or the row has no room for them.
 */
export function putElements(
  { target, read, bytes, end }: { target: Target; read: ReadCode; bytes: Buffer; end: number },
  at: number,
  from: number,
  count: number,
): number {
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
    const x = held[0]!
    if (position < 0 || !(x >= min && x <= max) || (integers && !Number.isInteger(x))) return -1
    values[to + i] = x
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
export function closeList({ list }: Target, count: number): boolean {
  if (count !== list.width) return false
  list.rows++
  return true
}
