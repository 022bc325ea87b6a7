// The ids of windows that are to be cleaned, and which of their rows came after one of the same id.

import { siftWindows } from '../../clean/cleaner.ts'
import type { IdEntries } from '../../clean/id-entries.ts'
import { laterIds } from '../../clean/later-ids.ts'
import type { Window } from '../../clean/windows.ts'
import { inParallel } from '../../lake/store/in-parallel.ts'
import { readAhead } from '../../lake/store/read-ahead.ts'
import type { Store } from '../../lake/store/store.ts'
import { writeBehind } from '../../lake/store/write-behind.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { type KeptIds, keepIds, readHashes, readIds } from './kept-ids.ts'
import type { WindowMemo } from './window-memo.ts'

/** Ids that are compared at once: a table of them takes about 60 bytes for each. */
const TABLE_IDS = 4 * 2 ** 20
/** Ids that stay in memory until they are compared, 36 bytes each; those behind are read from the store again. */
const HELD_IDS = 2 ** 20
/** windows whose ids are read or written side by side: up to 2.4 megabytes each */
const AT_ONCE = 8

/** The ids of one window. */
export interface GatheredIds {
  readonly count: number
  /** null: nothing is kept */
  readonly kept: KeptIds | null
  /** null: they are to be read */
  readonly held: IdEntries | null
}

export interface GatherIds {
  readonly plan: Plan
  /** to be cleaned */
  readonly windows: readonly Window[]
  readonly arrivals: readonly Arrival[]
  /** their segments, for those windows */
  readonly read: (windows: readonly Window[]) => AsyncIterable<Columns>
  /** null: ids stay in memory. Windows are named by their index among these. */
  readonly memo: Pick<WindowMemo, 'findIds' | 'keepIds'> | null
}

/** Null: the plan has no id. Those that are kept since an earlier attempt are not read from the segments again. */
export async function gatherIds(
  store: Store,
  { plan, windows, arrivals, read, memo }: GatherIds,
): Promise<GatheredIds[] | null> {
  const found = await inParallel([...windows.keys()], async (i) => (await memo?.findIds(i)) ?? null)
  const gathered = found.map((kept): GatheredIds | null => kept && { count: kept.count, kept, held: null })
  const missing = windows.flatMap((_, i) => (gathered[i] === null ? [i] : []))
  const own = missing.map((i) => windows[i]!)
  const sift = siftWindows(plan, { windows: own, arrivals })
  if (sift === null) return null
  const writes = writeBehind(AT_ONCE)
  let next = 0
  let heldIds = 0
  const take = async (entries: IdEntries): Promise<void> => {
    const window = missing[next++]!
    const isHeld = memo === null || heldIds + entries.count <= HELD_IDS
    if (isHeld) heldIds += entries.count
    await writes.begin(async () => {
      const kept = memo && (await keepIds(store, entries))
      if (kept !== null) await memo?.keepIds(window, kept)
      gathered[window] = { count: entries.count, kept, held: isHeld ? entries : null }
    })
  }
  try {
    for await (const columns of read(own)) for (const entries of sift.add(columns)) await take(entries)
    for (const entries of sift.finish()) await take(entries)
  } finally {
    await writes.settle()
  }
  return gathered.map((ids) => ids!)
}

/** A window that was cleaned before. */
export interface KnownWindow {
  readonly window: Window
  readonly ids: KeptIds
}

/** For each of the windows a byte for each id, 1 where the row came after one of the same id, there or in a window that is known. */
export async function laterRows(
  store: Store,
  {
    windows,
    gathered,
    known,
  }: {
    readonly windows: readonly Window[]
    readonly gathered: readonly GatheredIds[]
    readonly known: readonly KnownWindow[]
  },
): Promise<Uint8Array[]> {
  const later = gathered.map(({ count }) => new Uint8Array(count))
  const total = later.reduce((sum, { length }) => sum + length, 0)
  if (total === 0) return later
  const slices = 2 ** Math.ceil(Math.log2(Math.max(1, total / TABLE_IDS)))
  const own = {
    atOnce: AT_ONCE,
    read: async (i: number) => gathered[i]!.held ?? (await readIds(store, gathered[i]!.kept!, windows[i]!.partition)),
  }
  const others = { atOnce: AT_ONCE, read: (each: KnownWindow) => readHashes(store, each.ids) }
  for (let slice = 0; slice < slices; slice++) {
    const ids = laterIds({ slice, slices, ids: total })
    let at = 0
    for await (const entries of readAhead([...gathered.keys()], own)) ids.add(entries, later[at++]!)
    at = 0
    for await (const hashes of readAhead(known, others)) {
      const { window, ids: kept } = known[at++]!
      const places = () => readIds(store, kept, window.partition)
      await ids.meet({ hashes, version: window.version, places })
    }
  }
  return later
}
