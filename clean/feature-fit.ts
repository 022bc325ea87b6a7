// What the fit of one feature is, whatever it encodes.
import type { Column, Columns } from '../schemas/columns.ts'
import type { FittedFeature } from '../schemas/dataset.ts'

/** Gathers what one feature needs, then says its constants. */
export interface FeatureFit<F extends FittedFeature = FittedFeature> {
  /** Adds training rows by the feature's column. Throws FEATURE_UNDEFINED and FEATURE_OVERFLOW. */
  add(column: Column, rows: Columns): void
  /** Throws FEATURE_CONSTANT, FEATURE_FLATTENED, FEATURE_UNDEFINED and FEATURE_OVERFLOW: constants are finite, and keep values apart. */
  finish(): F
}
