// The cleaning of windows as a stream: rules → duplicates out → split → one part of each target, and what the fit needs of it.
import { strict as assert } from 'node:assert'
import { type Columns, isValid } from '../schemas/columns.ts'
import type { Arrival } from '../schemas/manifest.ts'
import { type Plan, SPLITS, type SplitName } from '../schemas/plan.ts'
import { type SavedFit, transformFit } from './fit.ts'
import { type IdEntries, idGatherer } from './id-entries.ts'
import { partBuilder, partRowsOf } from './parts.ts'
import { type NamedFailures, REASONS_COLUMN, reasonsColumn } from './quarantine.ts'
import { FATE, ruleBook } from './rules.ts'
import { assignSplits } from './split.ts'
import { nothing, sumCounts, type WindowCounts } from './window-counts.ts'
import { windowReader } from './window-rows.ts'
import type { Window } from './windows.ts'

export type CleanTarget = SplitName | 'quarantine'

/** The rows of one window in one split, or in the quarantine, which has a column `_reasons` more. */
export interface CleanedPart {
  readonly target: CleanTarget
  readonly columns: Columns
}

export interface CleanedWindow {
  /** index of the window */
  readonly window: number
  /** without those that would be empty */
  readonly parts: readonly CleanedPart[]
  readonly counts: WindowCounts
  /** null: none of its rows is for training, or it is joined to the next window, which then stands for both */
  readonly fit: SavedFit | null
}

/** What a stream of batches makes of windows: those that are done after each batch, in order, also such that hold no row. */
export interface WindowStream<T> {
  /** One batch: the plan's columns and the system columns, rows in (partition, offset) order within and across batches. Throws RULE_FAILED for a row that no run may hold. */
  add(batch: Columns): T[]
  finish(): T[]
}

/** Offsets per window: a function of the columns alone, since the bytes of parts depend on it. */
export function windowOffsetsOf({ columns }: Pick<Plan, 'columns'>): number {
  return 2 ** Math.floor(Math.log2(partRowsOf(columns)))
}

/** The column of ids; undefined: there is none, and no row is a duplicate. */
function idOf({ columns }: Pick<Plan, 'columns'>): string | undefined {
  return columns.find(({ kind }) => kind === 'id')?.name
}

/** What decides between equal ids. Null without an id column: no row is a duplicate then. */
export function siftWindows(
  plan: Plan,
  { windows, arrivals }: { readonly windows: readonly Window[]; readonly arrivals: readonly Arrival[] },
): WindowStream<IdEntries> | null {
  const id = idOf(plan)
  if (id === undefined) return null
  const rules = ruleBook(plan)
  const ids = idGatherer({ id, arrivals })
  const take = (window: number): IdEntries => ids.take(windows[window]!.partition)
  const stream = inWindows(windows, take)
  return {
    finish: () => stream.before(windows.length),
    add(batch) {
      const { fate } = rules.judge(batch)
      return stream.read(batch, (from, to) => ids.add(batch, { fate, from, to }))
    },
  }
}

/**
 * `later`: of each window a byte for each of its IdEntries, 1 where the row is a duplicate; null: there is no id. The same rows cut into
 * any batches give the same, bit for bit.
 */
export function cleanWindows(
  plan: Plan,
  { windows, later }: { readonly windows: readonly Window[]; readonly later: readonly Uint8Array[] | null },
): WindowStream<CleanedWindow> {
  const rules = ruleBook(plan)
  const none = nothing(plan)
  const duplicates = later === null ? null : duplicateMarker(plan, later)
  const gatherer = windowGatherer(plan)
  const take = (window: number): CleanedWindow =>
    windows[window]!.isJoined ? { window, parts: [], counts: none, fit: null } : gatherer.take(window)
  const stream = inWindows(windows, take)
  return {
    finish: () => stream.before(windows.length),
    add(batch) {
      const { fate, failures, count } = rules.judge(batch)
      const assigned = splitRows(plan, batch)
      return stream.read(batch, (from, to, window) => {
        const marked = duplicates?.mark(batch, { fate, from, to, window }) ?? 0
        gatherer.add({ batch, fate, assigned, failures, from, to })
        gatherer.count({ ...count(from, to), rows: to - from, duplicates: marked })
      })
    },
  }
}

/** Calls `take` for every window when its rows are over. */
function inWindows<T>(windows: readonly Window[], take: (window: number) => T) {
  const reader = windowReader(windows)
  let next = 0
  const before = (window: number): T[] => {
    const done: T[] = []
    while (next < window) done.push(take(next++))
    return done
  }
  return {
    before,
    read(batch: Columns, work: (from: number, to: number, window: number) => void): T[] {
      return reader(batch).flatMap(({ window, from, to }) => {
        const done = before(window)
        work(from, to, window)
        return done
      })
    },
  }
}

/** Finds a window's entries again, which are its rows with an id that no rule rejected. */
function duplicateMarker(plan: Plan, later: readonly Uint8Array[]) {
  const id = idOf(plan)
  let current = -1
  let entry = 0
  return {
    /** Returns how many rows were marked. */
    mark(
      batch: Columns,
      {
        fate,
        from,
        to,
        window,
      }: { readonly fate: Uint8Array; readonly from: number; readonly to: number; readonly window: number },
    ): number {
      if (window !== current) entry = 0
      current = window
      const { valid } = batch.byName[id!]!
      let marked = 0
      for (let row = from; row < to; row++) {
        if (fate[row] !== FATE.kept || !isValid(valid, row)) continue
        if (later[window]![entry++] === 0) continue
        fate[row] = FATE.duplicate
        marked++
      }
      return marked
    },
  }
}

interface Rows {
  readonly batch: Columns
  readonly fate: Uint8Array
  readonly assigned: Uint8Array
  readonly failures: readonly NamedFailures[]
  readonly from: number
  readonly to: number
}

/** Gathers one window after the other. */
function windowGatherer(plan: Plan) {
  // one more than a window can hold, so that none is full before its end
  const offsets = windowOffsetsOf(plan) + 1
  const builders = SPLITS.map((target, index) => ({ target, index, builder: partBuilder(plan.columns, offsets) }))
  const quarantine = partBuilder(plan.columns, offsets, { [REASONS_COLUMN]: 'utf8' })
  let counted: WindowCounts[] = []
  const fitOf = (rows: Columns): SavedFit => {
    const fit = transformFit(plan)
    fit.add(rows)
    return fit.save()
  }
  return {
    add({ batch, fate, assigned, failures, from, to }: Rows): void {
      for (const { index, builder } of builders)
        builder.append(
          batch,
          selectRows(from, to, (row) => fate[row] === FATE.kept && assigned[row] === index),
        )
      const held = selectRows(from, to, (row) => fate[row] === FATE.quarantined)
      if (held.length === 0) return
      const reasons = reasonsColumn(failures, held, batch.rows)
      quarantine.append({ rows: batch.rows, byName: { ...batch.byName, [REASONS_COLUMN]: reasons } }, held)
    },
    count(taken: Omit<WindowCounts, 'split'>): void {
      counted.push({ ...taken, split: NO_ROWS })
    },
    take(window: number): CleanedWindow {
      let fit: SavedFit | null = null
      const parts = [...builders, { target: 'quarantine' as const, builder: quarantine }].flatMap(
        ({ target, builder }) => {
          const columns = builder.flush()
          if (target === 'train' && columns !== null) fit = fitOf(columns)
          return columns === null ? [] : [{ target, columns }]
        },
      )
      const rowsIn = (split: SplitName): number => parts.find(({ target }) => target === split)?.columns.rows ?? 0
      const split = { train: rowsIn('train'), validate: rowsIn('validate'), test: rowsIn('test') }
      const counts = { ...sumCounts([nothing(plan), ...counted]), split }
      counted = []
      return { window, parts, counts, fit }
    },
  }
}

const NO_ROWS = { train: 0, validate: 0, test: 0 } as const

function selectRows(from: number, to: number, wanted: (row: number) => boolean): Int32Array {
  const selected = new Int32Array(to - from)
  let count = 0
  for (let row = from; row < to; row++) if (wanted(row)) selected[count++] = row
  return selected.subarray(0, count)
}

function splitRows(plan: Plan, batch: Columns): Uint8Array {
  const column = batch.byName[plan.split.column]
  assert(column, `batches hold the split column ${plan.split.column}`)
  const assigned = new Uint8Array(batch.rows)
  assignSplits(plan.split, column, assigned)
  return assigned
}
