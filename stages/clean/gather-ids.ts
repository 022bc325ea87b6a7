// The ids of windows that are to be cleaned.
import { siftWindows } from '../../clean/cleaner.ts'
import type { IdEntries } from '../../clean/id-entries.ts'
import type { Window } from '../../clean/windows.ts'
import { inParallel } from '../../lake/store/in-parallel.ts'
import type { Store } from '../../lake/store/store.ts'
import { writeBehind } from '../../lake/store/write-behind.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { type KeptIds, keepIds } from './kept-ids.ts'
import type { WindowMemo } from './window-memo.ts'

/** Ids that stay in memory until they are compared, 36 bytes each; those behind are read from the store again. */
const HELD_IDS = 2 ** 20
/** windows whose ids are written side by side: up to 2.4 megabytes each */
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
  readonly memo: Pick<WindowMemo, 'isKept' | 'findIds' | 'keepIds'> | null
}

/** Null: the plan has no id. Those that are kept since an earlier attempt are not read from the segments again. */
export async function gatherIds(
  store: Store,
  { plan, windows, arrivals, read, memo }: GatherIds,
): Promise<GatheredIds[] | null> {
  const isKept = (window: number): boolean => memo?.isKept(window) ?? false
  const find = async (window: number) => (isKept(window) ? ((await memo?.findIds(window)) ?? null) : null)
  const found = await inParallel([...windows.keys()], find)
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
    const isHeld = !isKept(window) || heldIds + entries.count <= HELD_IDS
    if (isHeld) heldIds += entries.count
    await writes.begin(async () => {
      const kept = isKept(window) ? await keepIds(store, entries) : null
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
