// Fits the transform on training rows: statistics of each feature's column, then the constants that the model's inputs are made with.

import { strict as assert } from 'node:assert'
import type { ColumnSpec, Columns } from '../schemas/columns.ts'
import type { FittedFeature, Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { FeatureSpec, Plan } from '../schemas/plan.ts'
import { type CategoryCounts, countCategories, mergeCounts, mostFrequent } from './category-counts.ts'
import type { FeatureFit, Gathered } from './feature-fit.ts'
import { labelFit } from './fit-label.ts'
import { robustFit, scaleFit, standardizeFit } from './fit-number.ts'
import { elementsFit, scaledElements } from './fit-numbers.ts'
import { textFit } from './fit-text.ts'
import type { SavedStatistics } from './statistics.ts'

type CategorySpec = Extract<ColumnSpec, { kind: 'category' }>

export interface TransformFit {
  /** Adds training rows. */
  add(rows: Columns): void
  save(): SavedFit
  /** As if the rows of `saved` had been added, behind those so far. The constants depend on the rows and on the order of merges, to their last bits. */
  merge(saved: SavedFit): void
  finish(): Transform
}

/** What was gathered of training rows, as it can be kept and merged. */
export interface SavedFit {
  /** in the plan's order */
  readonly features: readonly Gathered[]
  /** null: the label is not scaled */
  readonly label: SavedStatistics | null
}

/** `predict`: absent where features alone are fitted. */
export function transformFit(
  plan: Pick<Plan, 'name' | 'columns' | 'features'> & Partial<Pick<Plan, 'predict'>>,
): TransformFit {
  const fits = plan.features.map((feature) => ({ column: feature.column, fit: featureFit(plan, feature) }))
  const ofLabel = labelFit(plan.predict)
  return {
    add(rows) {
      for (const { column, fit } of fits) {
        const values = rows.byName[column]
        assert(values, `training rows hold column ${column}`)
        fit.add(values, rows)
      }
      if (ofLabel !== null && plan.predict !== undefined) ofLabel.add(rows.byName[plan.predict.column]!, rows)
    },
    save: () => ({ features: fits.map(({ fit }) => fit.save()), label: ofLabel?.save() ?? null }),
    merge(saved) {
      for (const [i, { fit }] of fits.entries()) fit.merge(saved.features[i]!)
      if (saved.label !== null) ofLabel?.merge(saved.label)
    },
    finish() {
      const features = fits.map(({ fit }) => fit.finish())
      const width = features.reduce((sum, feature) => sum + feature.width, 0)
      const label = ofLabel?.finish() ?? null
      return { kind: 'transform', width, features, ...(label && { label }) }
    },
  }
}

function featureFit(plan: Pick<Plan, 'name' | 'columns'>, feature: FeatureSpec): FeatureFit {
  const spec = plan.columns.find((column) => column.name === feature.column)
  const { column, encode } = feature
  if ((encode === 'words' || encode === 'characters') && spec?.kind === 'text') return textFit(feature)
  if (encode === 'oneHot' && spec?.kind === 'category') return oneHotFit(spec)
  if (encode === 'indicator' && spec?.kind === 'flag') return constantFit({ column, encode: 'indicator', width: 1 })
  if (encode === 'scale' && spec?.kind === 'numbers') return scaledElements(spec)
  if (encode === 'standardize' && spec?.kind === 'numbers') return elementsFit(spec)
  if (encode === 'scale' && spec?.kind === 'number') return scaleFit(spec, feature)
  if (encode === 'standardize' && spec?.kind === 'number') return standardizeFit(spec, feature)
  if (encode === 'robust' && spec?.kind === 'number') return robustFit(spec, feature)
  throw failure('PIPELINE_INVALID', {
    pipeline: plan.name,
    path: `features.${column}`,
    expected: `a column that ${encode} can encode`,
    found: spec === undefined ? 'no such column' : `a column of kind ${spec.kind}`,
  })
}

function constantFit(fitted: FittedFeature): FeatureFit {
  return { add() {}, save: () => ({}), merge() {}, finish: () => fitted }
}

/** Declared values in class order, or learnt ones: the `top` most frequent (all, if not set) and a slot for the rest. */
function oneHotFit({ name, values, top }: CategorySpec): FeatureFit {
  if (values !== undefined) {
    return constantFit({ column: name, encode: 'oneHot', values, other: false, width: values.length })
  }
  const counts: CategoryCounts = new Map()
  return {
    add: (column, { rows }) => countCategories(counts, column, rows),
    save: () => ({ counts: [...counts] }),
    merge: (saved) => mergeCounts(counts, saved.counts ?? []),
    finish() {
      const learnt = mostFrequent(counts, top ?? counts.size)
      return { column: name, encode: 'oneHot', values: learnt, other: true, width: learnt.length + 1 }
    },
  }
}
