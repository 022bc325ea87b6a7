// Looks at the labels of all splits before a training begins.
import { classNames } from '../../judge/metrics.ts'
import type { Store } from '../../lake/store/store.ts'
import { labelsOf } from '../../ml/features/labels.ts'
import type { DatasetManifest, Transform } from '../../schemas/dataset.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import { classNotes, requireLabelsThatDiffer } from './label-notes.ts'
import { readParts } from './read-parts.ts'

/** Notes on the labels of a dataset, of which training and validation rows are in memory. Throws LABEL_CONSTANT. */
export async function examineLabels(
  store: Store,
  data: {
    readonly manifest: DatasetManifest
    readonly transform: Pick<Transform, 'label'>
    readonly predict: PredictSpec
    readonly train: Float32Array
    readonly validate: Float32Array
  },
): Promise<readonly string[]> {
  const { manifest, transform, predict, train, validate } = data
  requireLabelsThatDiffer(train, predict, transform.label)
  if (classNames(predict).length === 0) return []
  const test: number[] = []
  for await (const part of readParts(store, manifest.parts.test))
    for (const label of labelsOf(part, predict)) test.push(label)
  return classNotes({ train, validate, test: Float32Array.from(test) }, predict)
}
