// From a reference to columns: fetch, verify, wrap without a copy.
import type { Columns } from '../../schemas/columns.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import { readObject } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { decodeColumns } from './arrow.ts'

/** Columns of a segment, rejects file or dataset part; they view the fetched bytes. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readColumns(store: Store, ref: Pick<ObjectRef, 'key' | 'sha256'>): Promise<Columns> {
  return decodeColumns(await readObject(store, ref))
}
