// One value on the wire and the column it goes to: what to read and where to put it, as numbers that one loop switches on.
import { CLOCKS, type Clock } from '../../core/rule.ts'
import type { ColumnKind } from '../../schemas/columns.ts'
import {
  putByteList,
  putCategory,
  putInstant,
  putIntegerText,
  putNumber,
  putSymbol,
  putText,
  putTime,
  putTimestamp,
  type Symbols,
  type Target,
} from './wire-put.ts'
import { type ReadCode, readWire } from './wire-read.ts'

const PUT = {
  number: 0,
  time: 1,
  instant: 2,
  text: 3,
  integerText: 4,
  category: 5,
  symbol: 6,
  bytes: 7,
  timestamp: 8,
} as const
type PutCode = (typeof PUT)[keyof typeof PUT]

export interface Leaf {
  readonly read: ReadCode
  /** of READ.fixed */
  readonly size: number
  readonly put: PutCode
  readonly target: Target
  /** of instants */
  readonly clock: Clock
  /** of enums */
  readonly symbols: Symbols
}

/** Puts the value at `at` into its column; −1 when it is not one of the common ones, and then nothing is put. */
export function runLeaf(leaf: Leaf, bytes: Buffer, at: number, end: number): number {
  const after = readWire(leaf.read, bytes, at, end, leaf.size)
  return after >= 0 && put(leaf, bytes, after) ? after : -1
}

function put(leaf: Leaf, bytes: Buffer, after: number): boolean {
  const { target } = leaf
  switch (leaf.put) {
    case PUT.number:
      return putNumber(target)
    case PUT.time:
      return putTime(target)
    case PUT.instant:
      return putInstant(target, leaf.clock)
    case PUT.text:
      return putText(target, bytes, after)
    case PUT.integerText:
      return putIntegerText(target)
    case PUT.category:
      return putCategory(target, bytes, after)
    case PUT.symbol:
      return putSymbol(target, leaf.symbols)
    case PUT.bytes:
      return putByteList(target, bytes, after)
    case PUT.timestamp:
      return putTimestamp(target, bytes, after)
  }
}

/** What stands on the wire, and how it is read. */
export type Stored =
  | { readonly is: 'integer' | 'float' | 'boolean' | 'text' | 'timestamp'; readonly read: ReadCode }
  | { readonly is: 'bytes'; readonly read: ReadCode; readonly size: number }
  | { readonly is: 'enum'; readonly read: ReadCode; readonly names: readonly (string | undefined)[] }
  /** a time that knows what it counts */
  | { readonly is: 'instant'; readonly read: ReadCode; readonly clock: Clock }

/** null: this combination is left to the readers that make values. */
export function leafOf(stored: Stored, target: Target): Leaf | null {
  const put = putOf(stored, target.rule.kind)
  if (put === null) return null
  const size = stored.is === 'bytes' ? stored.size : 0
  const clock = stored.is === 'instant' ? stored.clock : CLOCKS.ms
  const names = stored.is === 'enum' ? stored.names : []
  const symbols = { names, codes: new Int32Array(names.length).fill(-1) }
  return { read: stored.read, size, put, target, clock, symbols }
}

function putOf({ is }: Stored, kind: ColumnKind): PutCode | null {
  switch (kind) {
    case 'id':
      return is === 'text' ? PUT.text : is === 'integer' ? PUT.integerText : null
    case 'text':
      return is === 'text' ? PUT.text : null
    case 'category':
      return is === 'text' ? PUT.category : is === 'enum' ? PUT.symbol : null
    case 'number':
      return is === 'integer' || is === 'float' ? PUT.number : null
    case 'flag':
      return is === 'integer' || is === 'boolean' ? PUT.number : null
    case 'time':
      return is === 'integer' ? PUT.time : is === 'instant' ? PUT.instant : is === 'timestamp' ? PUT.timestamp : null
    case 'numbers':
      return is === 'bytes' ? PUT.bytes : null
  }
}
