// Cleans the windows of a dataset that were not cleaned before: ids, then rows, parts and what the fit needs of them.
import { type CleanedWindow, cleanWindows } from '../../clean/cleaner.ts'
import type { SavedFit } from '../../clean/fit.ts'
import type { Window } from '../../clean/windows.ts'
import { encodeColumns } from '../../lake/columns/arrow.ts'
import type { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { type NewObject, refOf } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { writeBehind } from '../../lake/store/write-behind.ts'
import type { PartRef } from '../../schemas/dataset.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { FitMemo } from './gather-fit.ts'
import { type GatheredIds, gatherIds } from './gather-ids.ts'
import { laterRows } from './later-rows.ts'
import { segmentStream } from './segment-stream.ts'
import type { KeptWindow, WindowMemo } from './window-memo.ts'

export interface CleanMissing {
  readonly plan: Plan
  readonly files: Pick<Awaited<ReturnType<typeof snapshotSegments>>, 'segments' | 'arrivals'>
  readonly windows: readonly Window[]
  /** of each window; null: to be cleaned */
  readonly known: readonly (KeptWindow | null)[]
  /** null: nothing is kept but the parts */
  readonly memo: { readonly ofWindows: WindowMemo; readonly ofFits: FitMemo } | null
}

export interface CleanHooks {
  /** its reason is thrown between two segments */
  readonly signal: AbortSignal
  /** told after every segment whose ids were read, and every segment that was cleaned */
  readonly onProgress: (place: Readonly<Record<string, string | number>>) => void
}

/** A window that was cleaned: its parts are being written, and are there when the windows end. */
export interface FreshWindow {
  readonly window: number
  readonly result: KeptWindow
  readonly fit: SavedFit | null
}

/** windows whose parts are written while the next one is cleaned */
const WRITES_AT_ONCE = 4

/** In the windows' order. Throws what rules throw, and the signal's reason. */
export async function* cleanMissing(
  store: Store,
  { plan, files, windows, known, memo }: CleanMissing,
  { signal, onProgress }: CleanHooks,
): AsyncGenerator<FreshWindow> {
  const missing = windows.flatMap((_, i) => (known[i] === null ? [i] : []))
  const own = missing.map((i) => windows[i]!)
  const segments = segmentStream(store, files.segments)
  const gathered = await gatherIds(store, {
    plan,
    windows: own,
    arrivals: files.arrivals,
    async *read(wanted) {
      for await (const { columns, done, of } of segments.read(wanted, signal)) {
        yield columns
        onProgress({ ids: done, of })
      }
    },
    memo: memo && {
      isKept: (i) => memo.ofWindows.isKept(missing[i]!),
      findIds: (i) => memo.ofWindows.findIds(missing[i]!),
      keepIds: (i, ids) => memo.ofWindows.keepIds(missing[i]!, ids),
    },
  })
  const before = windows.flatMap((window, i) => {
    const ids = known[i]?.ids ?? null
    return ids === null ? [] : [{ window, ids }]
  })
  const later = gathered && (await laterRows(store, { windows: own, gathered, known: before, signal }))
  const stream = cleanWindows(plan, { windows: own, later })
  const writes = writeBehind(WRITES_AT_ONCE)
  const keep = async (cleaned: CleanedWindow): Promise<FreshWindow> => {
    const window = missing[cleaned.window]!
    const { result, objects } = partsOf(cleaned, gathered?.[cleaned.window] ?? null)
    await writes.begin(async () => {
      await Promise.all(objects.map(({ ref, bytes }) => store.putIfAbsent(ref.key, bytes)))
      // of a window that grows the fit is made again from its part: it is of no use for long
      const { train } = result.parts
      if (train && cleaned.fit && windows[window]!.isWhole) await memo?.ofFits.keep([train.sha256], cleaned.fit)
      if (memo?.ofWindows.isKept(window)) await memo.ofWindows.keep(window, result)
    })
    return { window, result, fit: cleaned.fit }
  }
  try {
    for await (const { columns, done, of } of segments.read(own, signal)) {
      for (const cleaned of stream.add(columns)) yield await keep(cleaned)
      onProgress({ segment: done, of })
    }
    for (const cleaned of stream.finish()) yield await keep(cleaned)
  } finally {
    await writes.settle()
  }
}

/** The window as it will be kept, and the objects that it needs. */
function partsOf({ parts, counts }: CleanedWindow, ids: GatheredIds | null) {
  const objects = parts.map(({ target, columns }) => {
    const object: NewObject = { kind: 'parts', extension: 'arrow', bytes: encodeColumns(columns) }
    return { target, ref: { ...refOf(object), rows: columns.rows } satisfies PartRef, bytes: object.bytes }
  })
  const result: KeptWindow = {
    parts: Object.fromEntries(objects.map(({ target, ref }) => [target, ref])),
    counts,
    ids: ids?.kept ?? null,
  }
  return { result, objects }
}
