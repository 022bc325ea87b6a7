// The cleaning of one dataset as a stream: rules → dedupe → split → fit on training rows → parts of a fixed size.
import { strict as assert } from 'node:assert'
import type { Columns } from '../schemas/columns.ts'
import type { RowAccounting, Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { Arrival } from '../schemas/manifest.ts'
import { type Plan, SPLITS, type SplitName } from '../schemas/plan.ts'
import { type FirstArrivals, firstArrivals } from './first-arrivals.ts'
import { transformFit } from './fit.ts'
import { type PartBuilder, partBuilder, partRowsOf } from './parts.ts'
import { type NamedFailures, REASONS_COLUMN, reasonsColumn } from './quarantine.ts'
import { checkAccounting } from './reconcile.ts'
import { FATE, type RuleBook, ruleBook } from './rules.ts'
import { assignSplits } from './split.ts'
import { whereRowsWent } from './where-rows-went.ts'

export type CleanTarget = SplitName | 'quarantine'

/** A finished part of a split, or of the quarantine, which has a column `_reasons` more. */
export interface CleanedPart {
  readonly target: CleanTarget
  readonly columns: Columns
}

export interface Cleaned {
  readonly parts: CleanedPart[]
  readonly transform: Transform
  readonly accounting: RowAccounting
}

export interface Cleaner {
  /**
   * Cleans one batch: the plan's columns and the system columns, rows in (partition, offset) order within and across
   * batches. Returns the parts that became full; none once a row was overtaken. Throws RULE_FAILED for a row that no run may hold.
   */
  add(batch: Columns): CleanedPart[]
  /**
   * The last parts, the fitted transform, and where every row went; `decodeRejects` = records that never became rows.
   * Throws RULE_FAILED (`mostly`), TOO_FEW_ROWS (an empty split), ROWS_UNACCOUNTED, and what fitting throws (feature-fit.ts).
   */
  finish(options: { decodeRejects: number }): Cleaned
}

export interface CleanerOptions {
  /** rows per part; default 65,536, or fewer for wide columns */
  readonly partRows?: number
  /** which of equal ids stays; default: as if all rows were of one snapshot. Where it is overtaken, the rows are cleaned again, by another cleaner. */
  readonly firsts?: FirstArrivals | null
}

/** What tells first arrivals of a plan's rows; null without an id column: no row is a duplicate then. */
export function firstsOf({ columns }: Plan, arrivals: readonly Arrival[] = []): FirstArrivals | null {
  const id = columns.find((column) => column.kind === 'id')
  return id === undefined ? null : firstArrivals({ id: id.name, arrivals })
}

/** Cleans without I/O. The same rows cut into any batches give the same parts, transform and accounting, bit for bit. */
export function createCleaner(plan: Plan, options: CleanerOptions = {}): Cleaner {
  const { partRows = partRowsOf(plan.columns), firsts = firstsOf(plan) } = options
  const rules = ruleBook(plan)
  const fit = transformFit(plan)
  const splits = SPLITS.map((split) => ({ split, builder: partBuilder(plan.columns, partRows) }))
  const quarantine = partBuilder(plan.columns, partRows, { [REASONS_COLUMN]: 'utf8' })
  const inOrder = orderCheck()
  let rows = 0
  let duplicates = 0

  const finished = (target: CleanTarget, columns: Columns): CleanedPart => {
    // fitting by whole parts keeps the order of additions, and so the constants, independent of batches
    if (target === 'train') fit.add(columns)
    return { target, columns }
  }
  return {
    add(batch) {
      inOrder(batch)
      const fate = new Uint8Array(batch.rows)
      const failures = rules.judge(batch, fate)
      duplicates += firsts?.markLater(batch, fate, FATE.duplicate) ?? 0
      rows += batch.rows
      if (firsts?.isOvertaken()) return [] // no part would be right
      const assigned = splitRows(plan, batch)
      const parts = splits.flatMap(({ split, builder }, index) => {
        const selected = selectRows(fate, (row) => fate[row] === FATE.kept && assigned[row] === index)
        return builder.append(batch, selected).map((columns) => finished(split, columns))
      })
      const held = quarantineRows(quarantine, batch, fate, failures)
      return [...parts, ...held.map((columns) => finished('quarantine', columns))]
    },
    finish({ decodeRejects }) {
      rules.finish()
      const accounting = account({ rows, duplicates, decodeRejects, rules, splits })
      checkAccounting(accounting)
      requireRows(accounting)
      const parts = [...splits, { split: 'quarantine' as const, builder: quarantine }].flatMap(({ split, builder }) => {
        const columns = builder.flush()
        return columns === null ? [] : [finished(split, columns)]
      })
      return { parts, transform: fit.finish(), accounting }
    },
  }
}

function splitRows(plan: Plan, batch: Columns): Uint8Array {
  const column = batch.byName[plan.split.column]
  assert(column, `batches hold the split column ${plan.split.column}`)
  const assigned = new Uint8Array(batch.rows)
  assignSplits(plan.split, column, assigned)
  return assigned
}

function selectRows(fate: Uint8Array, wanted: (row: number) => boolean): Int32Array {
  const selected = new Int32Array(fate.length)
  let count = 0
  for (let row = 0; row < fate.length; row++) if (wanted(row)) selected[count++] = row
  return selected.subarray(0, count)
}

function quarantineRows(
  builder: PartBuilder,
  batch: Columns,
  fate: Uint8Array,
  failures: readonly NamedFailures[],
): Columns[] {
  const selected = selectRows(fate, (row) => fate[row] === FATE.quarantined)
  if (selected.length === 0) return []
  const reasons = reasonsColumn(failures, selected, batch.rows)
  return builder.append({ rows: batch.rows, byName: { ...batch.byName, [REASONS_COLUMN]: reasons } }, selected)
}

/** Parts hold rows in (partition, offset) order, so batches out of order would give another dataset. */
function orderCheck(): (batch: Columns) => void {
  let last = { partition: -1, offset: -1 }
  return (batch) => {
    if (batch.rows === 0) return
    const { _partition: partitions, _offset: offsets } = batch.byName
    assert(partitions?.type === 'int32' && offsets?.type === 'int64', 'batches hold _partition and _offset')
    const placeOf = (row: number) => ({ partition: partitions.values[row]!, offset: Number(offsets.values[row]!) })
    const first = placeOf(0)
    const follows =
      first.partition > last.partition || (first.partition === last.partition && first.offset > last.offset)
    assert(follows, `batches come in (partition, offset) order: ${JSON.stringify(first)} after ${JSON.stringify(last)}`)
    last = placeOf(batch.rows - 1)
  }
}

function account(totals: {
  rows: number
  duplicates: number
  decodeRejects: number
  rules: RuleBook
  splits: readonly { split: SplitName; builder: PartBuilder }[]
}): RowAccounting {
  const { rows, duplicates, decodeRejects, rules, splits } = totals
  const split = Object.fromEntries(splits.map(({ split: name, builder }) => [name, builder.rows()]))
  const rejectedBy = { decode: decodeRejects, ...rules.rejectedBy }
  return {
    in: rows + decodeRejects,
    clean: splits.reduce((total, { builder }) => total + builder.rows(), 0),
    rejected: Object.values(rejectedBy).reduce((total, count) => total + count, 0),
    duplicates,
    rejectedBy,
    failures: { ...rules.failures },
    split: split as Record<SplitName, number>,
  }
}

function requireRows(accounting: RowAccounting): void {
  for (const split of SPLITS) {
    const found = accounting.split[split]
    if (found === 0) throw failure('TOO_FEW_ROWS', { split, expected: 1, found, taken: whereRowsWent(accounting) })
  }
}
