// Cuts the rows of one target into parts of a fixed number of rows, whatever batches they come in.
import { strict as assert } from 'node:assert'
import {
  type Column,
  type ColumnSpec,
  type Columns,
  columnType,
  elementsAreBytes,
  SYSTEM_COLUMNS,
} from '../schemas/columns.ts'
import { type BuilderSpec, columnBuilder } from './column-builders.ts'

const MAX_PART_ROWS = 65_536
/** Bounds what a part's lists and texts take in memory. */
const MAX_LIST_BYTES = 64 * 2 ** 20
const MAX_TEXT_BYTES = 2 ** 31 - 1

/** Rows per part: a function of the columns alone, since the bytes of parts depend on it. */
export function partRowsOf(columns: readonly ColumnSpec[]): number {
  const bounds = columns.map((spec) => {
    if (spec.kind === 'text') return Math.floor(MAX_TEXT_BYTES / spec.maxBytes)
    if (spec.kind !== 'numbers') return MAX_PART_ROWS
    return Math.floor(MAX_LIST_BYTES / (spec.length * (elementsAreBytes(spec) ? 1 : 4)))
  })
  return Math.max(1, Math.min(MAX_PART_ROWS, ...bounds))
}

export interface PartBuilder {
  /** Appends the selected rows; returns the parts that became full. */
  append(batch: Columns, rows: Int32Array): Columns[]
  /** The last, shorter part; null if there are no rows left. */
  flush(): Columns | null
  /** rows appended so far */
  rows(): number
}

/** The plan's columns, then the system columns, then `extra` ones that batches given to append must hold as well. */
export function partBuilder(
  columns: readonly ColumnSpec[],
  partRows: number,
  extra: Readonly<Record<string, 'utf8'>> = {},
): PartBuilder {
  const builders = builderSpecs(columns, extra).map(([name, spec]) => ({
    name,
    builder: columnBuilder(spec, partRows),
  }))
  let pending = 0
  let total = 0
  const take = (): Columns => {
    const rows = pending
    pending = 0
    return { rows, byName: Object.fromEntries(builders.map(({ name, builder }) => [name, builder.take()])) }
  }
  return {
    rows: () => total,
    flush: () => (pending === 0 ? null : take()),
    append(batch, rows) {
      const full: Columns[] = []
      for (let start = 0; start < rows.length; ) {
        const piece = rows.subarray(start, start + partRows - pending)
        for (const { name, builder } of builders) builder.append(columnOf(batch, name), piece)
        start += piece.length
        pending += piece.length
        if (pending === partRows) full.push(take())
      }
      total += rows.length
      return full
    },
  }
}

function builderSpecs(
  columns: readonly ColumnSpec[],
  extra: Readonly<Record<string, 'utf8'>>,
): readonly (readonly [string, BuilderSpec])[] {
  const own = columns.map((spec): [string, BuilderSpec] => [
    spec.name,
    spec.kind === 'numbers'
      ? { type: 'list', width: spec.length, bytes: elementsAreBytes(spec) }
      : { type: columnType(spec) as Exclude<BuilderSpec['type'], 'list'> },
  ])
  const added = Object.entries({ ...SYSTEM_COLUMNS, ...extra }).map(([name, type]): [string, BuilderSpec] => [
    name,
    { type },
  ])
  return [...own, ...added]
}

function columnOf(batch: Columns, name: string): Column {
  const column = batch.byName[name]
  assert(column, `batches hold every column of the plan: ${name} is missing`)
  return column
}
