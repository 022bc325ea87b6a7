// Names the value that made the numbers of a training go beyond floats, where the data holds one so large.
import { unscaledLabel } from '../../ml/features/label-scale.ts'
import { columnOfInput } from '../../ml/features/transform.ts'
import { type Advise, LESS_RATE, largestValue } from '../../ml/training/advice.ts'
import type { Matrix } from '../../ml/training/input/matrix.ts'
import type { DatasetManifest, Transform } from '../../schemas/dataset.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import { describeRows } from './describe-rows.ts'

/** A standardized input of n training rows cannot exceed √n; a label in the thousands makes gradients that large. */
const LARGE = 1e3

/** Token ids say nothing by their size. */
export function adviseOn(data: {
  readonly manifest: Pick<DatasetManifest, 'parts'>
  readonly transform: Transform
  readonly predict: PredictSpec
  readonly rows: Matrix
  readonly validation: Matrix
}): Advise {
  const { manifest, transform, predict, rows, validation } = data
  const tokens = transform.features.some(({ encode }) => encode === 'tokens')
  if (predict.task === 'next' || tokens) return () => LESS_RATE
  return (positions) => {
    const [matrix, parts] = positions === null ? [validation, manifest.parts.validate] : [rows, manifest.parts.train]
    const largest = largestValue(matrix, positions)
    if (largest === null || Math.abs(largest.value) < LARGE) return LESS_RATE
    const { row, input } = largest
    const value = input === null && transform.label ? unscaledLabel(transform.label, largest.value) : largest.value
    const what = input === null ? `label ${predict.column}` : `input ${columnOfInput(transform.features, input).column}`
    const keep = input === null ? 'or predict it in a larger unit' : 'or give the feature clip'
    return (
      `the data is the likely cause: ${what} is ${value} in ${describeRows(Int32Array.of(row), parts)}; ` +
      `keep such values out by min and max of the column or a rule, ${keep}; where they are meant, ${LESS_RATE}`
    )
  }
}
