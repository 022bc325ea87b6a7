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
}

export function extremes(): Extremes {
  const smallest = outermost((a, b) => a < b)
  const largest = outermost((a, b) => a > b)
  return {
    add(rows, values, { valid, width, raw = values }) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!
        if (!smallest.takes(value) && !largest.takes(value)) continue
        const row = Math.floor(i / width)
        if (!isValid(valid, row)) continue
        const extreme = { value, raw: raw[i]!, place: placeOf(rows, row) }
        smallest.add(extreme)
        largest.add(extreme)
      }
    },
    smallest: smallest.all,
    largest: largest.all,
  }
}

/** Up to KEPT values, those first that are `before` others. */
function outermost(before: (a: number, b: number) => boolean) {
  const kept: Extreme[] = []
  const takes = (value: number): boolean => kept.length < KEPT || before(value, kept[KEPT - 1]!.value)
  return {
    takes,
    all: (): readonly Extreme[] => kept,
    add(extreme: Extreme): void {
      if (!takes(extreme.value)) return
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
