// Training of a definition → the plan's form, defaults filled in.
import type { OptimizerSpec, TrainSpec } from '../schemas/plan.ts'
import { type Bounds, fieldsOf, inside, numberOf, oneOf, type Place } from './check.ts'
import { resolveModel } from './resolve-network.ts'

const DEFAULT_CHECKPOINT_STEPS = 200

export function resolveTrain(place: Place, word: unknown): TrainSpec {
  const fields = fieldsOf(place, word, {
    required: ['model', 'optimizer', 'batch', 'epochs', 'seed'],
    optional: ['patience', 'checkpointEvery', 'device'],
  })
  const count = { min: 1, integer: true } as const
  return {
    model: resolveModel(inside(place, 'model'), fields.model),
    optimizer: resolveOptimizer(inside(place, 'optimizer'), fields.optimizer),
    batch: numberOf(inside(place, 'batch'), fields.batch, count),
    epochs: numberOf(inside(place, 'epochs'), fields.epochs, count),
    ...(fields.patience === undefined ? {} : { patience: numberOf(inside(place, 'patience'), fields.patience, count) }),
    seed: numberOf(inside(place, 'seed'), fields.seed, { min: 0, max: 2 ** 32 - 1, integer: true }),
    checkpointEvery: numberOf(
      inside(place, 'checkpointEvery'),
      fields.checkpointEvery ?? DEFAULT_CHECKPOINT_STEPS,
      count,
    ),
    device: oneOf(inside(place, 'device'), fields.device ?? 'any', ['any', 'cpu', 'gpu']),
  }
}

/** Defaults of Kingma & Ba 2015, with the epsilon of Keras. */
function resolveOptimizer(place: Place, word: unknown): OptimizerSpec {
  const fields = fieldsOf(place, word, { required: ['kind'], optional: ['rate', 'beta1', 'beta2', 'epsilon'] })
  const number = (key: string, fallback: number, bounds: Bounds) =>
    numberOf(inside(place, key), fields[key] ?? fallback, bounds)
  return {
    kind: oneOf(inside(place, 'kind'), fields.kind, ['adam']),
    rate: number('rate', 1e-3, { above: 0 }),
    beta1: number('beta1', 0.9, { min: 0, below: 1 }),
    beta2: number('beta2', 0.999, { min: 0, below: 1 }),
    epsilon: number('epsilon', 1e-7, { above: 0 }),
  }
}
