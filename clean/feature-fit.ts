// What the fit of one feature is, whatever it encodes.
import type { Column, Columns } from '../schemas/columns.ts'
import type { FittedFeature } from '../schemas/dataset.ts'
import type { SavedExtremes } from './extremes.ts'
import type { SavedStatistics } from './statistics.ts'

/** What was gathered of one feature's column, as it can be kept and merged: of each fit what it needs. */
export interface Gathered {
  readonly statistics?: SavedStatistics
  readonly outermost?: SavedExtremes
  readonly counts?: readonly (readonly [value: string, count: number])[]
}

/** Gathers what one feature needs, then says its constants. */
export interface FeatureFit<F extends FittedFeature = FittedFeature> {
  /** Adds training rows by the feature's column. Throws FEATURE_UNDEFINED and FEATURE_OVERFLOW. */
  add(column: Column, rows: Columns): void
  save(): Gathered
  /** As if the rows that `saved` was gathered of had been added, behind those so far. */
  merge(saved: Gathered): void
  /** Throws FEATURE_CONSTANT, FEATURE_FLATTENED, FEATURE_UNDEFINED and FEATURE_OVERFLOW: constants are finite, and keep values apart. */
  finish(): F
}
