// Batches through the cleaning of windows, all of them in memory: sift, decide between equal ids, clean, fit.
import {
  type CleanedPart,
  type CleanedWindow,
  cleanWindows,
  siftWindows,
  type WindowStream,
} from '../../clean/cleaner.ts'
import { equalIds } from '../../clean/equal-ids.ts'
import { firstRows } from '../../clean/first-rows.ts'
import { transformFit } from '../../clean/fit.ts'
import { accountFor } from '../../clean/window-counts.ts'
import { type Window, windowsOf } from '../../clean/windows.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { Arrival, Coverage } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { PLAN } from './rows.ts'

export interface BatchesToClean {
  readonly batches: readonly Columns[]
  readonly plan?: Plan
  /** offsets per window */
  readonly offsets?: number
  readonly arrivals?: readonly Arrival[]
  readonly decodeRejects?: number
  /** a power of two: ids are compared in so many turns */
  readonly slices?: number
}

export function cleanBatches(options: BatchesToClean) {
  const { batches, plan = PLAN, offsets = 65_536, arrivals = [], decodeRejects = 0, slices = 1 } = options
  const windows = windowsOf(coverageOf(batches), { arrivals, offsets })
  const later = laterOf(batches, { plan, windows, arrivals, slices })
  const cleaned: CleanedWindow[] = run(cleanWindows(plan, { windows, later }), batches)
  const accounting = accountFor(plan, { counts: cleaned.map(({ counts }) => counts), decodeRejects })
  const fit = transformFit(plan)
  for (const window of cleaned) if (window.fit !== null) fit.merge(window.fit)
  const parts: CleanedPart[] = cleaned.flatMap((window) => window.parts)
  return { parts, transform: fit.finish(), accounting, windows, cleaned }
}

interface Sift {
  readonly plan: Plan
  readonly windows: readonly Window[]
  readonly arrivals: readonly Arrival[]
  readonly slices: number
}

function laterOf(batches: readonly Columns[], { plan, windows, arrivals, slices }: Sift): Uint8Array[] | null {
  const sift = siftWindows(plan, { windows, arrivals })
  if (sift === null) return null
  const entries = run(sift, batches)
  const later = entries.map(({ count }) => new Uint8Array(count))
  for (let slice = 0; slice < slices; slice++) {
    const equal = equalIds({ slice, slices })
    // in another order than the rows': it must not count
    for (const [window, { hashes }] of [...entries.entries()].reverse()) equal.add(window, hashes)
    const firsts = firstRows(equal.repeated())
    const { count, ids, windows: of, entries: rows } = equal.added()
    for (let i = 0; i < count; i++)
      firsts.offer(ids[i]!, { window: of[i]!, entry: rows[i]!, arrivals: entries[of[i]!]! })
    for (let i = 0; i < count; i++) if (!firsts.isFirst(ids[i]!, of[i]!, rows[i]!)) later[of[i]!]![rows[i]!] = 1
  }
  return later
}

function run<T>(stream: WindowStream<T>, batches: readonly Columns[]): T[] {
  return [...batches.flatMap((batch) => stream.add(batch)), ...stream.finish()]
}

/** From offset 0 to the last row of each partition. */
function coverageOf(batches: readonly Columns[]): Coverage[] {
  const ends = new Map<number, number>()
  for (const { rows, byName } of batches) {
    const { _partition, _offset } = byName
    if (_partition?.type !== 'int32' || _offset?.type !== 'int64') throw new TypeError('batches hold their places')
    for (let row = 0; row < rows; row++) ends.set(_partition.values[row]!, Number(_offset.values[row]!) + 1)
  }
  return [...ends].map(([partition, end]) => ({ partition, start: 0, end }))
}
