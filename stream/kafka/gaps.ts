// The ledger of one read: every offset becomes a record or a hole with its reason.
import assert from 'node:assert/strict'
import { failure } from '../../schemas/failures.ts'
import type { Hole, HoleKind, OffsetRange } from '../../schemas/segment.ts'
import type { RangeRead } from '../broker.ts'

export interface Ledger {
  readonly range: OffsetRange
  /** the read stops after the record that reaches it */
  readonly maxBytes: number
  /** first offset without an explanation */
  next: number
  records: number
  bytes: number
  readonly holes: Hole[]
}

export function openLedger(range: OffsetRange, maxBytes = Number.POSITIVE_INFINITY): Ledger {
  assert(maxBytes > 0, `maxBytes ${maxBytes}`)
  return { range, maxBytes, next: range.start, records: 0, bytes: 0, holes: [] }
}

/** True when no more records are wanted. */
export function isComplete(ledger: Ledger): boolean {
  return ledger.next >= ledger.range.end || ledger.bytes >= ledger.maxBytes
}

/** Declares [ledger.next, end) a hole; what lies outside the range or is explained already is left alone. */
export function explain(ledger: Ledger, kind: HoleKind, end: number): void {
  const start = ledger.next
  const stop = Math.min(end, ledger.range.end)
  if (stop <= start) return
  const last = ledger.holes.at(-1)
  if (last?.kind === kind && last.end === start) ledger.holes[ledger.holes.length - 1] = { ...last, end: stop }
  else ledger.holes.push({ kind, start, end: stop })
  ledger.next = stop
}

/** Closes the ledger. Throws RANGE_INCOMPLETE unless records and holes are as many as the offsets. */
export function settle(ledger: Ledger): RangeRead {
  const { range, next: end, holes, records, bytes } = ledger
  checkExplained({ range, end, records, holes })
  return { end, holes, records, bytes }
}

/** What a reader of one piece is given; a range without offsets has none, and is read. */
export async function firstPiece(range: OffsetRange, pieces: AsyncIterable<RangeRead>): Promise<RangeRead> {
  for await (const piece of pieces) return piece
  return settle(openLedger(range))
}

/** Throws RANGE_INCOMPLETE unless the records and holes sum to the offsets of [range.start, end). */
export function checkExplained({
  range,
  end,
  records,
  holes,
}: {
  readonly range: OffsetRange
  readonly end: number
  readonly records: number
  readonly holes: readonly Hole[]
}): void {
  const explained = holes.reduce((sum, hole) => sum + hole.end - hole.start, records)
  if (explained === end - range.start) return
  const found = `${records} records and ${explained - records} offsets in holes of ${end - range.start} offsets`
  throw failure('RANGE_INCOMPLETE', { ...range, end, found })
}
