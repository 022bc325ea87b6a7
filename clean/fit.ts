// Fits the transform on training rows: statistics of each feature's column, then the constants that the model's inputs are made with.

import { strict as assert } from 'node:assert'
import { log1p } from '../core/log1p.ts'
import type { Column, ColumnSpec, Columns } from '../schemas/columns.ts'
import type { FittedFeature, Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { FeatureSpec, Plan } from '../schemas/plan.ts'
import { type CategoryCounts, countCategories, mostFrequent } from './category-counts.ts'
import { textFit } from './fit-text.ts'
import { type NumberStatistics, numberStatistics } from './statistics.ts'

type AffineFeature = Extract<FeatureSpec, { encode: 'standardize' | 'scale' }>
type NumberSpec = Extract<ColumnSpec, { kind: 'number' }>
type NumbersSpec = Extract<ColumnSpec, { kind: 'numbers' }>
type CategorySpec = Extract<ColumnSpec, { kind: 'category' }>

/** Gathers what one feature needs, then says its constants. */
interface FeatureFit {
  add(column: Column, rows: number): void
  /** Throws FEATURE_CONSTANT or FEATURE_UNDEFINED. */
  finish(): FittedFeature
}

export interface TransformFit {
  /** Adds training rows. The constants depend on the rows and their order, not on how they were cut. */
  add(rows: Columns): void
  finish(): Transform
}

export function transformFit(plan: Pick<Plan, 'name' | 'columns' | 'features'>): TransformFit {
  const fits = plan.features.map((feature) => ({ column: feature.column, fit: featureFit(plan, feature) }))
  return {
    add(rows) {
      for (const { column, fit } of fits) {
        const values = rows.byName[column]
        assert(values, `training rows hold column ${column}`)
        fit.add(values, rows.rows)
      }
    },
    finish() {
      const features = fits.map(({ fit }) => fit.finish())
      return { kind: 'transform', width: features.reduce((width, feature) => width + feature.width, 0), features }
    },
  }
}

function featureFit(plan: Pick<Plan, 'name' | 'columns'>, feature: FeatureSpec): FeatureFit {
  const spec = plan.columns.find((column) => column.name === feature.column)
  const { column, encode } = feature
  if ((encode === 'words' || encode === 'characters') && spec?.kind === 'text') return textFit(feature)
  if (encode === 'oneHot' && spec?.kind === 'category') return oneHotFit(spec)
  if (encode === 'indicator' && spec?.kind === 'flag') return constantFit({ column, encode: 'indicator', width: 1 })
  if (encode === 'scale' && spec?.kind === 'numbers') return constantFit(scaledElements(spec))
  if (encode === 'standardize' && spec?.kind === 'numbers') return elementsFit(spec)
  if (encode === 'scale' && spec?.kind === 'number') return scaleFit(spec, feature)
  if (encode === 'standardize' && spec?.kind === 'number') return standardizeFit(spec, feature)
  throw failure('PIPELINE_INVALID', {
    pipeline: plan.name,
    path: `features.${column}`,
    expected: `a column that ${encode} can encode`,
    found: spec === undefined ? 'no such column' : `a column of kind ${spec.kind}`,
  })
}

function constantFit(fitted: FittedFeature): FeatureFit {
  return { add() {}, finish: () => fitted }
}

/** Declared values in class order, or learnt ones: the `top` most frequent (all, if not set) and a slot for the rest. */
function oneHotFit({ name, values, top }: CategorySpec): FeatureFit {
  if (values !== undefined) {
    return constantFit({ column: name, encode: 'oneHot', values, other: false, width: values.length })
  }
  const counts: CategoryCounts = new Map()
  return {
    add: (column, rows) => countCategories(counts, column, rows),
    finish() {
      const learnt = mostFrequent(counts, top ?? counts.size)
      return { column: name, encode: 'oneHot', values: learnt, other: true, width: learnt.length + 1 }
    },
  }
}

function scaledElements({ name, length, min, max }: NumbersSpec): FittedFeature {
  return { column: name, encode: 'elements', offset: min, factor: 1 / (max - min), width: length }
}

/** One mean and one deviation for all elements of all rows. */
function elementsFit({ name, length }: NumbersSpec): FeatureFit {
  const statistics = numberStatistics()
  return {
    add(column) {
      assert(column.type === 'list', `numbers are list columns, not ${column.type}`)
      statistics.add(Float64Array.from(column.values), elementValidity(column))
    },
    finish() {
      requireSpread(name, statistics.min(), statistics.max())
      const { mean, variance } = statistics.moments()
      return { column: name, encode: 'elements', offset: mean, factor: 1 / Math.sqrt(variance), width: length }
    },
  }
}

/** The bitmap of rows, repeated for every element of the row. */
function elementValidity({ valid, values, width }: Extract<Column, { type: 'list' }>): Uint8Array | null {
  if (valid === null) return null
  const bits = new Uint8Array((values.length + 7) >> 3)
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width)
    bits[i >> 3]! |= ((valid[row >> 3]! >> (row & 7)) & 1) << (i & 7)
  }
  return bits
}

/** (x − mean) / standard deviation, both of the clipped training values, the deviation with divisor n. */
function standardizeFit(spec: NumberSpec, feature: Extract<AffineFeature, { encode: 'standardize' }>): FeatureFit {
  const { log } = feature
  const statistics = numberStatistics()
  return {
    add: (column) => addNumbers(statistics, column, log, spec.name),
    finish() {
      const [low, high] = clipBounds(statistics, feature.clip)
      requireSpread(spec.name, Math.max(low, statistics.min()), Math.min(high, statistics.max()))
      const { mean, variance } = statistics.moments(low, high)
      const fill = fillOf(spec, statistics, log)
      return affine(spec.name, { log, fill, low, high, offset: mean, factor: 1 / Math.sqrt(variance) })
    },
  }
}

/** (x − low) / (high − low): bounds as declared, else clip quantiles, else the smallest and largest training value. */
function scaleFit(spec: NumberSpec, feature: Extract<AffineFeature, { encode: 'scale' }>): FeatureFit {
  const statistics = numberStatistics()
  return {
    add: (column) => addNumbers(statistics, column, false, spec.name),
    finish() {
      const { clip } = feature
      const low = spec.min ?? (clip ? statistics.quantile(clip[0], 'low') : statistics.min())
      const high = spec.max ?? (clip ? statistics.quantile(clip[1], 'high') : statistics.max())
      requireSpread(spec.name, low, high)
      const [clipLow, clipHigh] = clip === undefined ? [low, high] : clipBounds(statistics, clip)
      return affine(spec.name, {
        log: false,
        fill: fillOf(spec, statistics, false),
        low: Math.max(low, clipLow),
        high: Math.min(high, clipHigh),
        offset: low,
        factor: 1 / (high - low),
      })
    },
  }
}

function affine(
  column: string,
  constants: Omit<Extract<FittedFeature, { encode: 'affine' }>, 'column' | 'encode' | 'width'>,
): FittedFeature {
  return { column, encode: 'affine', ...constants, width: 1 }
}

function addNumbers(statistics: NumberStatistics, column: Column, log: boolean, name: string): void {
  assert(column.type === 'float64', `${name} is a float64 column, not ${column.type}`)
  // missing slots hold 0, of which the logarithm is defined
  const logs = log ? column.values.map(log1p) : column.values
  const undefinedAt = logs.findIndex((value) => !Number.isFinite(value))
  if (undefinedAt !== -1) throw failure('FEATURE_UNDEFINED', { column: name, found: column.values[undefinedAt] })
  statistics.add(logs, column.valid)
}

/** Without clip every float64 is inside; JSON has no infinity, so the bounds are the largest finite numbers. */
function clipBounds(statistics: NumberStatistics, clip: readonly [number, number] | undefined): [number, number] {
  if (clip === undefined) return [-Number.MAX_VALUE, Number.MAX_VALUE]
  return [statistics.quantile(clip[0], 'low'), statistics.quantile(clip[1], 'high')]
}

/** What stands for a missing value: as declared, else the training median; in units after the logarithm. */
function fillOf(spec: NumberSpec, statistics: NumberStatistics, log: boolean): number {
  if (spec.missing === undefined) return statistics.quantile(0.5, 'middle')
  return log ? log1p(spec.missing) : spec.missing
}

/** Throws FEATURE_CONSTANT unless low < high; without any value both are NaN. */
function requireSpread(column: string, low: number, high: number): void {
  if (low < high) return
  throw failure('FEATURE_CONSTANT', { column, found: Number.isNaN(low) ? 'no value at all' : `only ${low}` })
}
