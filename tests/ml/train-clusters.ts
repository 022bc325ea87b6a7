// A training that tells three clusters apart, for tests of how it goes and of what computes it.
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import type { Tf } from '../../ml/tf.ts'
import { type Trained, type TrainingOptions, trainModel } from '../../ml/training/loop.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { THREE_CLASSES } from './builders.ts'

/** From the seed, with checkpoints that nobody keeps; `change`: the rows, and what is other. */
export function trainClusters(
  tf: Tf,
  train: TrainSpec,
  change: Pick<TrainingOptions, 'rows' | 'validation'> & Partial<TrainingOptions>,
): Promise<Trained> {
  return trainModel({
    tf,
    backend: 'any',
    network: networkOf(architectureOf(train.model, change.rows.width, THREE_CLASSES)),
    predict: THREE_CLASSES,
    train,
    from: null,
    save: async ({ step }) => ({ key: `checkpoint-${step}`, sha256: '', bytes: 0, step }),
    ...change,
  })
}
