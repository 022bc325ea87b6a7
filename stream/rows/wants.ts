// Which columns want values of a record, and by which path into it.
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'

/** A column that takes its value from here. */
export interface Want {
  /** steps into nested records and maps that are still to go */
  readonly path: readonly string[]
  /** the column's place */
  readonly slot: number
  readonly kind: ColumnKind
}

/** Columns that come from headers want nothing. */
export function wantsOf(specs: readonly ColumnSpec[]): readonly Want[] {
  return specs.flatMap(({ name, from, header, kind }, slot): Want[] =>
    header === undefined ? [{ path: (from ?? name).split('.'), slot, kind }] : [],
  )
}
