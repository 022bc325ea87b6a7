// Which rows of the windows that are to be cleaned came after one of the same id, there or in a window that was cleaned before.
import { equalIds, type Repeats } from '../../clean/equal-ids.ts'
import { type Arrivals, ELSEWHERE, firstRows } from '../../clean/first-rows.ts'
import type { Window } from '../../clean/windows.ts'
import { readAhead } from '../../lake/store/read-ahead.ts'
import type { Store } from '../../lake/store/store.ts'
import type { GatheredIds } from './gather-ids.ts'
import { type KeptIds, readArrivals, readHashes } from './kept-ids.ts'

/** Ids that are compared at once: a table of them takes 44 bytes for each. */
const TABLE_IDS = 2 * 2 ** 20
/** Rows with ids of others, between which is decided at once: about 60 bytes for each. */
const MAX_REPEATS = 2 ** 20
/** windows whose ids are read side by side: up to a megabyte each */
const AT_ONCE = 8

/** A window that was cleaned before. */
export interface KnownWindow {
  readonly window: Window
  readonly ids: KeptIds
}

export interface LaterRows {
  readonly windows: readonly Window[]
  /** of each of the windows */
  readonly gathered: readonly GatheredIds[]
  readonly known: readonly KnownWindow[]
  /** its reason is thrown between two windows */
  readonly signal: AbortSignal
}

/** For each of the windows a byte for each id, 1 where the row came after one of the same id. Hashes are read once for each slice of the ids. */
export async function laterRows(store: Store, work: LaterRows): Promise<Uint8Array[]> {
  const { gathered, known, signal } = work
  const later = gathered.map(({ count }) => new Uint8Array(count))
  const ids = later.reduce((sum, { length }) => sum + length, 0)
  if (ids === 0) return later
  const slices = 2 ** Math.ceil(Math.log2(Math.max(1, ids / TABLE_IDS)))
  const own = {
    atOnce: AT_ONCE,
    read: async ({ held, kept }: GatheredIds) => held?.hashes ?? (await readHashes(store, kept!)),
  }
  const others = { atOnce: AT_ONCE, read: (each: KnownWindow) => readHashes(store, each.ids) }
  let undecided: Slice[] = []
  for (let slice = 0; slice < slices; slice++) {
    const equal = equalIds({ slice, slices, ids })
    let at = 0
    for await (const hashes of readAhead(gathered, own)) {
      signal.throwIfAborted()
      equal.add(at++, hashes)
    }
    at = 0
    for await (const hashes of readAhead(known, others)) {
      signal.throwIfAborted()
      equal.meet(at++, hashes)
    }
    undecided.push({ own: equal.added(), known: equal.met(), ids: equal.repeated() })
    const rows = undecided.reduce((sum, each) => sum + each.own.count + each.known.count, 0)
    if (rows < MAX_REPEATS && slice < slices - 1) continue
    await decide(store, work, undecided, later)
    undecided = []
  }
  return later
}

/** Rows that share their ids with others, of one slice of the ids. */
interface Slice {
  readonly own: Repeats
  readonly known: Repeats
  /** different ones */
  readonly ids: number
}

/** Reads when the rows arrived, of each window once, and marks all but the first of each id. */
async function decide(
  store: Store,
  { windows, gathered, known }: LaterRows,
  slices: readonly Slice[],
  later: readonly Uint8Array[],
): Promise<void> {
  const firsts = firstRows(slices.reduce((sum, { ids }) => sum + ids, 0))
  const own = byWindow(slices, 'own')
  const arrivalsOf = async ([window]: Group): Promise<Arrivals> => {
    const { held, kept } = gathered[window]!
    return held ?? (await readArrivals(store, kept!, windows[window]!.partition))
  }
  let at = 0
  for await (const arrivals of readAhead(own, { atOnce: AT_ONCE, read: arrivalsOf })) {
    const [window, rows] = own[at++]!
    for (const { id, entry } of rows) firsts.offer(id, { window, entry, arrivals })
  }

  for (const [index, rows] of byWindow(slices, 'known')) {
    const { window, ids } = known[index]!
    const open = rows.filter(({ id }) => !firsts.beat(id, window.version))
    if (open.length === 0) continue
    const arrivals = await readArrivals(store, ids, window.partition)
    for (const { id, entry } of open) firsts.offer(id, { window: ELSEWHERE, entry, arrivals })
  }
  for (const [window, rows] of own)
    for (const { id, entry } of rows) if (!firsts.isFirst(id, window, entry)) later[window]![entry] = 1
}

type Group = readonly [window: number, rows: readonly { readonly id: number; readonly entry: number }[]]

/** Ids of a slice count on from those of the slices before. */
function byWindow(slices: readonly Slice[], which: 'own' | 'known'): Group[] {
  const groups = new Map<number, { id: number; entry: number }[]>()
  let before = 0
  for (const slice of slices) {
    const { count, ids, windows, entries } = slice[which]
    for (let i = 0; i < count; i++) {
      const window = windows[i]!
      const rows = groups.get(window) ?? []
      if (rows.length === 0) groups.set(window, rows)
      rows.push({ id: before + ids[i]!, entry: entries[i]! })
    }
    before += slice.ids
  }
  return [...groups].sort(([a], [b]) => a - b)
}
