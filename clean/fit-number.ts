// Fits the constants of a number: bounds, mean and deviation, or a range, and what stands for a missing value.
import { strict as assert } from 'node:assert'
import { log1p } from '../core/log1p.ts'
import { type Column, type ColumnSpec, type Columns, isValid, placeOf } from '../schemas/columns.ts'
import type { FittedFeature } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { FeatureSpec } from '../schemas/plan.ts'
import { extremes } from './extremes.ts'
import type { FeatureFit } from './feature-fit.ts'
import { factorOf, keeping, requireApart, requireFiniteInputs, requireSpread, type Seen } from './sound-fit.ts'
import { type NumberStatistics, numberStatistics } from './statistics.ts'

type NumberSpec = Extract<ColumnSpec, { kind: 'number' }>
type Affine = Extract<FittedFeature, { encode: 'affine' }>

/** (x − mean) / standard deviation, both of the clipped training values, the deviation with divisor n. */
export function standardizeFit(
  spec: NumberSpec,
  feature: Extract<FeatureSpec, { encode: 'standardize' }>,
): FeatureFit<Affine> {
  const { log } = feature
  const seen = seenOf(spec, log)
  const { statistics } = seen
  return {
    ...keeping(seen),
    add: (column, rows) => addNumbers(seen, column, { rows, log }),
    finish() {
      const [low, high] = clipBounds(statistics, feature.clip)
      requireSpread(spec.name, Math.max(low, statistics.min()), Math.min(high, statistics.max()))
      const { mean: offset, deviation } = statistics.moments(low, high)
      const constants = { low, high, offset, factor: factorOf(seen, deviation) }
      const fill = fillOf(spec, statistics, log)
      requireFiniteInputs(seen, constants, fill)
      requireApart(seen, constants)
      return { column: spec.name, encode: 'affine', log, fill, ...constants, width: 1 }
    },
  }
}

/** Of the distance of two quartiles: what may be unknown of it. */
const SURE = 0.1

/**
 * (x − median) / (third quartile − first) of the clipped training values, each interpolated linearly between two values as numpy does and
 * known within 1/256 of the value. Throws FEATURE_CONSTANT where the quartiles are equal, as when more than half of the values are, and
 * where they lie so far from zero that their distance is not known.
 */
export function robustFit(spec: NumberSpec, feature: Extract<FeatureSpec, { encode: 'robust' }>): FeatureFit<Affine> {
  const seen = seenOf(spec, false)
  const { statistics } = seen
  return {
    ...keeping(seen),
    add: (column, rows) => addNumbers(seen, column, { rows, log: false }),
    finish() {
      const [low, high] = clipBounds(statistics, feature.clip)
      requireSpread(spec.name, Math.max(low, statistics.min()), Math.min(high, statistics.max()))
      const clipped = (q: number): number => Math.min(high, Math.max(low, statistics.quantile(q, 'middle')))
      const [first, offset, third] = [clipped(0.25), clipped(0.5), clipped(0.75)]
      if (first === third)
        throw failure('FEATURE_CONSTANT', { column: spec.name, found: `quartiles that are both ${first}` })
      const unknown = statistics.uncertainty(0.25) + statistics.uncertainty(0.75)
      if (unknown > SURE * (third - first)) {
        const found = `quartiles near ${first} and ${third}, too far from zero to know their distance; encode.standardize() does`
        throw failure('FEATURE_CONSTANT', { column: spec.name, found })
      }
      const constants = { low, high, offset, factor: factorOf(seen, third - first) }
      const fill = fillOf(spec, statistics, false)
      requireFiniteInputs(seen, constants, fill)
      requireApart(seen, constants)
      return { column: spec.name, encode: 'affine', log: false, fill, ...constants, width: 1 }
    },
  }
}

/** (x − low) / (high − low): bounds as declared, else clip quantiles, else the smallest and largest training value. */
export function scaleFit(spec: NumberSpec, feature: Extract<FeatureSpec, { encode: 'scale' }>): FeatureFit<Affine> {
  const seen = seenOf(spec, false)
  const { statistics } = seen
  return {
    ...keeping(seen),
    add: (column, rows) => addNumbers(seen, column, { rows, log: false }),
    finish() {
      const { clip } = feature
      const low = spec.min ?? (clip ? statistics.quantile(clip[0], 'low') : statistics.min())
      const high = spec.max ?? (clip ? statistics.quantile(clip[1], 'high') : statistics.max())
      requireSpread(spec.name, low, high)
      const [clipLow, clipHigh] = clip === undefined ? [low, high] : clipBounds(statistics, clip)
      const constants = {
        low: Math.max(low, clipLow),
        high: Math.min(high, clipHigh),
        offset: low,
        factor: factorOf(seen, high - low),
      }
      const fill = fillOf(spec, statistics, false)
      requireFiniteInputs(seen, constants, fill)
      // a range that was declared is meant
      if (spec.min === undefined || spec.max === undefined) requireApart(seen, constants)
      return { column: spec.name, encode: 'affine', log: false, fill, ...constants, width: 1 }
    },
  }
}

function seenOf({ name }: NumberSpec, log: boolean): Seen {
  const rawOf = log ? Math.expm1 : (value: number) => value
  return { column: name, statistics: numberStatistics(), outermost: extremes(), rawOf }
}

function addNumbers(
  { column: name, statistics, outermost }: Seen,
  column: Column,
  { rows, log }: { rows: Columns; log: boolean },
): void {
  assert(column.type === 'float64', `${name} is a float64 column, not ${column.type}`)
  const { values: raw, valid } = column
  const values = log ? raw.map(log1p) : raw
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row]) || !isValid(valid, row)) continue
    const found = `${raw[row]} in ${placeOf(rows, row)}`
    throw failure(log && raw[row]! <= -1 ? 'FEATURE_UNDEFINED' : 'FEATURE_OVERFLOW', { column: name, found })
  }
  statistics.add(values, valid)
  outermost.add(rows, values, { valid, width: 1, raw })
}

/** Without clip every float64 is inside; JSON has no infinity, so the bounds are the largest finite numbers. */
function clipBounds(statistics: NumberStatistics, clip: readonly [number, number] | undefined): [number, number] {
  if (clip === undefined) return [-Number.MAX_VALUE, Number.MAX_VALUE]
  return [statistics.quantile(clip[0], 'low'), statistics.quantile(clip[1], 'high')]
}

/**
 * What stands for a missing value: as declared, else the training median; in units after the logarithm. Throws FEATURE_UNDEFINED for a
 * declared one without logarithm, FEATURE_CONSTANT where there is no value to have a median.
 */
function fillOf({ name, missing }: NumberSpec, statistics: NumberStatistics, log: boolean): number {
  if (missing === undefined) {
    if (statistics.count() === 0) throw failure('FEATURE_CONSTANT', { column: name, found: 'no value at all' })
    return statistics.quantile(0.5, 'middle')
  }
  if (log && missing <= -1) {
    throw failure('FEATURE_UNDEFINED', { column: name, found: `${missing} for a missing value` })
  }
  return log ? log1p(missing) : missing
}
