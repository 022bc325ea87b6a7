// Small data, plans and stores for the tests of ml.

import { seededRandom } from '../../core/random.ts'
import { type OpenBackend, openBackend } from '../../ml/backend.ts'
import type { CheckpointStore } from '../../ml/training/checkpoint.ts'
import type { Matrix } from '../../ml/training/input/matrix.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { MachineKind } from '../../schemas/model.ts'
import type { PredictSpec, TrainSpec } from '../../schemas/plan.ts'

export const THREE_CLASSES = {
  task: 'category',
  column: 'label',
  classes: ['a', 'b', 'c'],
} as const satisfies PredictSpec

export const MACHINE: MachineKind = {
  processor: 'a processor',
  instructions: ['avx2'],
  threads: 2,
  javascript: 'V8 1.2',
  settings: {},
}

/** Three noisy clusters in `width` dimensions. */
export function clusters({ rows, width, seed }: { rows: number; width: number; seed: number }): Matrix {
  const random = seededRandom(seed)
  const inputs = new Float32Array(rows * width)
  const labels = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    labels[row] = row % 3
    for (let i = 0; i < width; i++) inputs[row * width + i] = random() - 0.5 + (i % 3 === row % 3 ? 0.6 : 0)
  }
  return { rows, width, inputs, labels }
}

export function trainSpec(change: Partial<TrainSpec> = {}): TrainSpec {
  return {
    model: { kind: 'mlp', hidden: [5], activation: 'relu', dropout: 0.2 },
    optimizer: { kind: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    batch: 8,
    epochs: 4,
    seed: 7,
    checkpointEvery: 3,
    device: 'any',
    ...change,
  }
}

/** A store of checkpoints whose objects a test can damage. */
export function openCheckpointStore(): CheckpointStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>()
  return {
    objects,
    get: async (key) => objects.get(key),
    async putIfAbsent(key, bytes) {
      if (objects.has(key)) return 'exists'
      objects.set(key, bytes)
      return 'created'
    },
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

/** The native library, built by the set-up of `npm test`; null where it is missing: tests that need it then show as skipped. */
export async function openTensorflow(): Promise<OpenBackend | null> {
  try {
    return await openBackend({ prefer: 'tensorflow', device: 'any' })
  } catch (error) {
    if (isFailure(error, 'DEVICE_MISSING')) return null
    throw error
  }
}
