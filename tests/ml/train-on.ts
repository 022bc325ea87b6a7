// One small training on a backend of choice, for tests that compare backends.
import { openBackend } from '../../ml/backend.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { backendId } from '../../ml/training/checkpoint.ts'
import { trainModel } from '../../ml/training/loop.ts'
import type { BackendName } from '../../schemas/model.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { clusters, THREE_CLASSES, trainSpec } from './builders.ts'
import { trainingTolerance } from './tolerance.ts'

const [EPOCHS, ROWS] = [3, 60] as const

/** → the weights at its end, one after the other. Without dropout all backends end alike; noise is each backend's own. */
export async function trainOn(prefer: BackendName, dropout: number): Promise<Float32Array> {
  const opened = await openBackend({ prefer, device: 'any' })
  const spec = specWith(dropout)
  const trained = await trainModel({
    tf: opened.tf,
    backend: backendId(opened.info),
    network: networkOf(architectureOf(spec.model, 6, THREE_CLASSES)),
    predict: THREE_CLASSES,
    train: spec,
    from: null,
    rows: clusters({ rows: ROWS, width: 6, seed: 1 }),
    validation: clusters({ rows: 30, width: 6, seed: 2 }),
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  return Float32Array.from(trained.weights.flatMap(({ values }) => [...values]))
}

/** How far apart two backends may end. */
export function trainedAlike(): number {
  const { optimizer, batch } = specWith(0)
  return trainingTolerance({ steps: EPOCHS * Math.ceil(ROWS / batch), optimizer })
}

function specWith(dropout: number): TrainSpec {
  return trainSpec({ epochs: EPOCHS, model: { kind: 'mlp', hidden: [9, 5], activation: 'relu', dropout } })
}
