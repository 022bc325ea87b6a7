// What the labels of the splits say before a training begins: one value alone teaches nothing, and a class may be missing where it counts.
import { classNames } from '../../judge/metrics.ts'
import { unscaledLabel } from '../../ml/features/label-scale.ts'
import type { FittedLabel } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { type PredictSpec, SPLITS, type SplitName } from '../../schemas/plan.ts'
import { shown } from '../../schemas/shown.ts'

/** classes that are named one by one */
const NAMED = 8

type Labels = Readonly<Record<SplitName, Float32Array>>

/** Throws LABEL_CONSTANT when all training rows have the same label. `scale`: the one that they are on. */
export function requireLabelsThatDiffer(labels: Float32Array, predict: PredictSpec, scale?: FittedLabel): void {
  if (predict.task === 'next') return // a text is its own label
  const [first] = labels
  if (labels.some((label) => label !== first)) return
  const value = predict.task === 'number' ? numberOf(first!, scale) : shown(classNames(predict)[first!])
  const rows = labels.length === 1 ? '1 row' : `${labels.length} rows`
  throw failure('LABEL_CONSTANT', { column: predict.column, found: `only ${value} in ${rows}` })
}

function numberOf(label: number, scale: FittedLabel | undefined): number {
  return scale === undefined ? label : unscaledLabel(scale, label)
}

/** One line for each class that a split lacks: what is not in training is never answered, what is not in the test is not judged. */
export function classNotes(labels: Labels, predict: PredictSpec): readonly string[] {
  const classes = classNames(predict)
  const counts = SPLITS.map((split) => countsOf(labels[split], classes.length))
  const lacking = classes.flatMap((name, index) => {
    const rows = SPLITS.map((split, s) => ({ split, rows: counts[s]![index]! }))
    if (rows.every((each) => each.rows > 0)) return []
    const there = rows.map((each) => `${each.split} ${each.rows}`).join(', ')
    return [`${predict.column} ${shown(name)} is not in every split (${there} rows)${consequence(rows)}`]
  })
  const more = lacking.length - NAMED
  return more > 0 ? [...lacking.slice(0, NAMED), `and ${more} more values of ${predict.column}`] : lacking
}

function consequence(rows: readonly { readonly split: SplitName; readonly rows: number }[]): string {
  const lacks = (split: SplitName) => rows.some((each) => each.split === split && each.rows === 0)
  if (lacks('train')) return ': it cannot be learnt'
  return lacks('test') ? ': it is not judged' : ': no epoch is chosen by it'
}

function countsOf(labels: Float32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes)
  for (const label of labels) counts[label]! += 1
  return counts
}
