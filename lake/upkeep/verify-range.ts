// One range of a chain, re-read: each of its offsets is exactly one row, one reject, or in one explained hole.
import type { Columns } from '../../schemas/columns.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { mismatch, type ObjectVerifier } from './verify-objects.ts'

/**
 * Reads the files of the range and checks their offsets against its ledger; `referredBy` is the key of the chain's entry.
 * `mayBeGone`: other ranges stand for its offsets by now, so its files may have been collected.
 */
export async function verifyRange(
  verifier: ObjectVerifier,
  result: RangeResult,
  { referredBy, mayBeGone }: { readonly referredBy: string; readonly mayBeGone: boolean },
): Promise<void> {
  const { range, segment, rejects } = result
  const files: { key: string; columns: Columns }[] = []
  for (const file of [segment, rejects]) {
    if (file === null) continue
    const columns = await verifier.columns({ ...file, mayBeGone }, referredBy)
    if (columns === null) return
    files.push({ key: file.key, columns })
  }
  const problem = doubleOrMissing(
    result,
    files.map(({ columns }) => columns),
  )
  if (problem === null) return
  const what = `${range.topic}/${range.partition} [${range.start},${range.end})`
  const key = files[0]?.key ?? referredBy
  verifier.report({ key, referredBy }, mismatch({ what, expected: 'every offset exactly once', found: problem }))
}

/** What is wrong with the ledger of a range; null: nothing. `files`: its segment and rejects, as far as it has them. */
function doubleOrMissing({ range, holes }: RangeResult, files: readonly Columns[]): string | null {
  const times = new Uint8Array(range.end - range.start)
  const mark = (offset: number): boolean => {
    if (!(offset >= range.start && offset < range.end)) return false
    times[offset - range.start]!++
    return true
  }
  for (const { rows, byName } of files) {
    const { _partition, _offset } = byName
    if (_partition?.type !== 'int32' || _offset?.type !== 'int64') return 'a file without _partition and _offset'
    for (let row = 0; row < rows; row++) {
      if (_partition.values[row] !== range.partition) return `a row of partition ${_partition.values[row]}`
      if (!mark(Number(_offset.values[row]))) return `a row of offset ${_offset.values[row]}`
    }
  }
  for (const { kind, start, end, accepted } of holes) {
    if ((kind === 'lost') !== (accepted !== undefined)) return `a ${kind} hole whose acceptance is wrong`
    for (let offset = start; offset < end; offset++) if (!mark(offset)) return `a hole that holds offset ${offset}`
  }
  const wrong = times.findIndex((count) => count !== 1)
  return wrong === -1 ? null : `offset ${range.start + wrong} ${times[wrong]} times`
}
