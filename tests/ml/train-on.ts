// One small training on a backend of choice, for tests that compare backends.
import { openBackend } from '../../ml/backend.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { backendId } from '../../ml/training/checkpoint.ts'
import { trainModel } from '../../ml/training/loop.ts'
import type { BackendName } from '../../schemas/model.ts'
import { clusters, THREE_CLASSES, trainSpec } from './builders.ts'

/** → the weights at its end, one after the other. Without dropout all backends end alike; noise is each backend's own. */
export async function trainOn(prefer: BackendName, dropout: number): Promise<Float32Array> {
  const opened = await openBackend({ prefer, device: 'any' })
  const spec = trainSpec({ epochs: 3, model: { kind: 'mlp', hidden: [9, 5], activation: 'relu', dropout } })
  const trained = await trainModel({
    tf: opened.tf,
    backend: backendId(opened.info),
    network: networkOf(architectureOf(spec.model, 6, THREE_CLASSES)),
    predict: THREE_CLASSES,
    train: spec,
    from: null,
    rows: clusters({ rows: 60, width: 6, seed: 1 }),
    validation: clusters({ rows: 30, width: 6, seed: 2 }),
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  return Float32Array.from(trained.weights.flatMap(({ values }) => [...values]))
}

export function largestDifference(found: Float32Array, expected: Float32Array): number {
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))
}
