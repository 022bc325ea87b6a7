// Every row of the lake with one id, whatever became of it.
import { strict as assert } from 'node:assert'
import { partBuilder } from '../../clean/parts.ts'
import type { PersonalKey } from '../../core/personal-key.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { inParallel } from '../../lake/store/in-parallel.ts'
import type { Store } from '../../lake/store/store.ts'
import { type ColumnSpec, type Columns, isValid, personalOf } from '../../schemas/columns.ts'
import { failure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { SegmentRef } from '../../schemas/segment.ts'

/** Rows of one id that are kept in memory: an id that so many share is none. */
const MAX_ROWS = 65_536
/** Segments that are fetched beside each other. */
const LANES = 4

export interface FindId {
  readonly plan: Plan
  /** by partition, then start */
  readonly segments: readonly SegmentRef[]
  /** as the lake holds it: `storedId` */
  readonly id: string
}

/** The plan's column that names rows; undefined: it has none. */
export const idColumn = ({ columns }: Pick<Plan, 'columns'>): ColumnSpec | undefined =>
  columns.find(({ kind }) => kind === 'id')

/**
 * An id as the lake holds it: of a personal column the hash, or what is a hash already. Throws PERSONAL_KEY_MISSING where it would have to
 * be hashed without a key.
 */
export function storedId(plan: Plan, id: string, key: PersonalKey | undefined): string {
  const column = idColumn(plan)
  if (column === undefined || personalOf(column) === undefined || /^[0-9a-f]{64}$/.test(id)) return id
  if (key === undefined) throw failure('PERSONAL_KEY_MISSING', { pipeline: plan.name })
  return key.hash(Buffer.from(id)).toString('hex')
}

/** In the order of the segments, of which LANES are in memory at a time; null: no row has it. */
export async function findId(store: Store, { plan, segments, id }: FindId): Promise<Columns | null> {
  const column = idColumn(plan)
  assert(column, 'the plan has a column of ids')
  const wanted = Buffer.from(id)
  const builder = partBuilder(plan.columns, MAX_ROWS)
  for (let next = 0; next < segments.length; next += LANES) {
    const batches = await inParallel(segments.slice(next, next + LANES), (segment) => readColumns(store, segment))
    for (const batch of batches) {
      const rows = rowsWith(batch, column.name, wanted)
      if (rows.length > 0 && builder.rows() + rows.length < MAX_ROWS) builder.append(batch, rows)
    }
  }
  return builder.flush()
}

/** Searches the bytes of all ids at once; a hit counts where it is a whole id. */
function rowsWith(batch: Columns, name: string, wanted: Buffer): Int32Array {
  const ids = batch.byName[name]
  assert(ids?.type === 'utf8', `segments hold the ids as utf8: ${name}`)
  const { bytes, offsets, valid } = ids
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (wanted.length === 0 || !haystack.includes(wanted)) return new Int32Array(0)
  const rows: number[] = []
  for (let row = 0; row < batch.rows; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!]
    if (end - start === wanted.length && isValid(valid, row) && wanted.compare(haystack, start, end) === 0)
      rows.push(row)
  }
  return Int32Array.from(rows)
}
