// The few smallest and largest values of a column with the places of their events, for messages: a histogram knows no rows.
import { type Columns, isValid, placeOf, type Validity } from '../schemas/columns.ts'

/** values that are kept on each side */
const KEPT = 3

export interface Extreme {
  /** as the feature sees it, after a logarithm */
  readonly value: number
  /** as it stands in the column */
  readonly raw: number
  /** e.g. "partition 0 at offset 17" */
  readonly place: string
}

export interface Extremes {
  /** Adds the present values of rows, `width` of each; `valid` is of rows. Of equal values the first stay. `raw`: default the values. */
  add(
    rows: Columns,
    values: ArrayLike<number>,
    options: { valid: Validity; width: number; raw?: ArrayLike<number> },
  ): void
  /** the outermost first */
  smallest(): readonly Extreme[]
  largest(): readonly Extreme[]
  save(): SavedExtremes
  /** Of rows that stand behind all those that were added so far. */
  merge(saved: SavedExtremes): void
}

export interface SavedExtremes {
  readonly smallest: readonly Extreme[]
  readonly largest: readonly Extreme[]
}

export function extremes(): Extremes {
  const smallest = outermost(Number.POSITIVE_INFINITY, (a, b) => a < b)
  const largest = outermost(Number.NEGATIVE_INFINITY, (a, b) => a > b)
  return {
    add(rows, values, { valid, width, raw = values }) {
      let [low, high] = [smallest.limit(), largest.limit()]
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!
        if (value >= low && value <= high) continue // almost all: nothing else may cost
        const row = Math.floor(i / width)
        if (!isValid(valid, row)) continue
        const extreme = { value, raw: raw[i]!, place: placeOf(rows, row) }
        smallest.add(extreme)
        largest.add(extreme)
        ;[low, high] = [smallest.limit(), largest.limit()]
      }
    },
    smallest: smallest.all,
    largest: largest.all,
    save: () => ({ smallest: smallest.all(), largest: largest.all() }),
    merge(saved) {
      for (const extreme of saved.smallest) smallest.add(extreme)
      for (const extreme of saved.largest) largest.add(extreme)
    },
  }
}

/** Up to KEPT values, those first that are `before` others; all are before `last`. */
function outermost(last: number, before: (a: number, b: number) => boolean) {
  const kept: Extreme[] = []
  /** what is taken is before it */
  const limit = (): number => (kept.length < KEPT ? last : kept[KEPT - 1]!.value)
  return {
    limit,
    all: (): readonly Extreme[] => kept,
    add(extreme: Extreme): void {
      if (!before(extreme.value, limit())) return
      const at = kept.findIndex(({ value }) => before(extreme.value, value))
      kept.splice(at === -1 ? kept.length : at, 0, extreme)
      kept.length = Math.min(kept.length, KEPT)
    },
  }
}

/** e.g. "1e+200 in partition 0 at offset 17, 1e+199 in partition 1 at offset 4" */
export function shownExtremes(list: readonly Extreme[]): string {
  return list.map(({ raw, place }) => `${raw} in ${place}`).join(', ')
}
