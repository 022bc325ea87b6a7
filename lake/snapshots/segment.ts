// Columns of one range of offsets → one immutable file whose key says what it holds; rejects likewise.
import assert from 'node:assert/strict'
import { sha256 } from '../../core/digest.ts'
import type { Columns } from '../../schemas/columns.ts'
import { rangeKey } from '../../schemas/ids.ts'
import type { ObjectRef, OffsetRange, Reject, RejectsRef, SegmentRef } from '../../schemas/segment.ts'
import { encodeColumns } from '../columns/arrow.ts'
import type { BodyCodec } from '../columns/codec.ts'
import { readColumns } from '../columns/read.ts'
import type { Store } from '../store/store.ts'
import { rejectColumns, rejectsOf } from './reject-columns.ts'

/** How new files are compressed; default: not at all. It changes the bytes, and nothing of what they hold. */
interface Written {
  readonly codec?: BodyCodec | undefined
}

interface Placed extends Written {
  /** the source's id, as in its chain */
  readonly sourceId: string
  /** the offsets that were read; the rows may be fewer */
  readonly range: OffsetRange
}

/**
 * Writes the decoded rows of `range`: the pipeline's columns and `SYSTEM_COLUMNS`, offsets rising. The same rows give the same
 * key and bytes, so a repeated write is a no-op. Needs at least one row: a range without rows has no segment.
 */
export async function writeSegment(
  store: Store,
  { sourceId, range, columns, codec }: Placed & { readonly columns: Columns },
): Promise<SegmentRef> {
  assert(columns.rows > 0, 'a segment has rows')
  checkOffsets(columns, range)
  const ref = await writeRange(store, { kind: 'segments', sourceId, range, columns, codec })
  return { ...ref, range, rows: columns.rows }
}

/** Writes the records of `range` that did not decode, whole, in offset order. Needs at least one. */
export async function writeRejects(
  store: Store,
  { sourceId, range, rejects, codec }: Placed & { readonly rejects: readonly Reject[] },
): Promise<RejectsRef> {
  assert(rejects.length > 0, 'a rejects file has rows')
  const columns = rejectColumns(rejects)
  checkOffsets(columns, range)
  const ref = await writeRange(store, { kind: 'rejects', sourceId, range, columns, codec })
  return { ...ref, range, rows: rejects.length }
}

/** Reads a rejects file back. Throws OBJECT_MISSING or OBJECT_CORRUPT. */
export async function readRejects(store: Store, ref: Pick<ObjectRef, 'key' | 'sha256'>): Promise<Reject[]> {
  return rejectsOf(await readColumns(store, ref))
}

async function writeRange(
  store: Store,
  {
    kind,
    sourceId,
    range,
    columns,
    codec,
  }: Placed & { readonly kind: 'segments' | 'rejects'; readonly columns: Columns },
): Promise<ObjectRef> {
  const bytes = encodeColumns(columns, codec)
  const digest = sha256(bytes)
  const key = rangeKey(kind, sourceId, range, digest)
  const ref = { key, sha256: digest, bytes: bytes.byteLength }
  await store.putIfAbsent(key, bytes) // which may move the bytes to another thread
  return ref
}

/** Every row is of this partition and range, and no offset stands twice: what a commit could not repair any more. */
function checkOffsets({ rows, byName }: Columns, range: OffsetRange): void {
  const { _partition, _offset } = byName
  assert(_partition?.type === 'int32' && _offset?.type === 'int64', 'segments carry _partition and _offset')
  let next = BigInt(range.start)
  for (let row = 0; row < rows; row++) {
    assert(_partition.values[row] === range.partition, 'rows are of the segment’s partition')
    const offset = _offset.values[row]!
    assert(offset >= next, 'offsets rise and lie in the range')
    next = offset + 1n
  }
  assert(next <= BigInt(range.end), 'offsets lie in the range')
}
