// The rows of a split, part by part.
import { readColumns } from '../../lake/columns/read.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { PartRef } from '../../schemas/dataset.ts'

/** One part at a time: the raw columns of a split are never in memory together. */
export async function* readParts(store: Store, parts: readonly PartRef[]): AsyncGenerator<Columns> {
  for (const part of parts) yield await readColumns(store, part)
}
