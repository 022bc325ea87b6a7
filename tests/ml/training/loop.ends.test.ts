// How a training ends: learnt, early, aborted, or with a loss that is no number.
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { backendId, type Checkpoint, type EpochRecord } from '../../../ml/training/checkpoint.ts'
import { endingOf, recordEpoch } from '../../../ml/training/early-stopping.ts'
import { type Trained, type TrainingOptions, trainModel } from '../../../ml/training/loop.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { clusters, THREE_CLASSES, trainSpec } from '../builders.ts'

const rows = clusters({ rows: 300, width: 6, seed: 1 })
const validation = clusters({ rows: 90, width: 6, seed: 2 })
const opened = await openBackend({ prefer: 'cpu', device: 'any' })

async function train(spec: TrainSpec, change: Partial<TrainingOptions> = {}): Promise<Trained> {
  return trainModel({
    tf: opened.tf,
    backend: backendId(opened.info),
    network: networkOf(architectureOf(spec.model, 6, THREE_CLASSES)),
    predict: THREE_CLASSES,
    train: spec,
    rows,
    validation,
    from: null,
    save: async ({ step }: Checkpoint) => ({ key: `checkpoint-${step}`, sha256: '', bytes: 0, step }),
    ...change,
  })
}

describe('training', () => {
  it('learns to tell clusters apart', async () => {
    const spec = trainSpec({ epochs: 20 })
    const trained = await train(spec)
    const architecture = architectureOf(spec.model, 6, THREE_CLASSES)
    const model = await loadModel(opened.tf, packModel(architecture, THREE_CLASSES, trained))
    const answers = model.predict(validation.inputs)
    model.dispose()
    let right = 0
    for (let row = 0; row < validation.rows; row++) {
      const probabilities = [...answers.subarray(row * 3, row * 3 + 3)]
      if (probabilities.indexOf(Math.max(...probabilities)) === validation.labels[row]) right += 1
    }
    expect(right / validation.rows).toBeGreaterThan(0.9)
    expect(trained.epochs.at(-1)!.trainLoss).toBeLessThan(trained.epochs[0]!.trainLoss)
  })
  it('keeps the weights of the best epoch', async () => {
    const saved: Checkpoint[] = []
    const spec = trainSpec({
      epochs: 25,
      optimizer: { kind: 'adam', rate: 0.3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    })
    const save: TrainingOptions['save'] = async (checkpoint) => {
      saved.push({ ...checkpoint, epochs: [...checkpoint.epochs] })
      return { key: '', sha256: '', bytes: 0, step: checkpoint.step }
    }
    const trained = await train({ ...spec, checkpointEvery: 1e6 }, { save })
    const losses = trained.epochs.map(({ validationLoss }) => validationLoss)
    expect(trained.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
    expect(trained.bestEpoch).toBeLessThan(25) // else this test shows nothing
    expect(trained.weights).toEqual(saved[trained.bestEpoch - 1]!.weights)
  })
  it('leaks no tensor', async () => {
    await train(trainSpec())
    const before = opened.tf.memory().numTensors
    await train(trainSpec())
    expect(opened.tf.memory().numTensors).toBe(before)
  })
  it('visits each row once per epoch', async () => {
    const spec = trainSpec({ epochs: 1, batch: 77 })
    expect((await train(spec)).steps).toBe(4) // 3 × 77 and 69
  })
  it('stops when the signal says so', async () => {
    const stop = new AbortController()
    const onEpoch = ({ epoch }: EpochRecord): void => {
      if (epoch === 2) stop.abort(new Error('enough'))
    }
    await expect(train(trainSpec({ epochs: 1000 }), { signal: stop.signal, onEpoch })).rejects.toThrow('enough')
  })
  it('names the step of an infinite loss', async () => {
    const broken = { ...rows, inputs: Float32Array.from(rows.inputs) }
    broken.inputs[0] = Number.POSITIVE_INFINITY
    const error = await train(trainSpec(), { rows: broken }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'LOSS_NOT_FINITE', facts: { step: expect.any(Number) } })
    expect(error.facts.step).toBeLessThanOrEqual(38)
  })
})

describe('early stopping', () => {
  const record = (losses: readonly number[]): EpochRecord[] => {
    const epochs: EpochRecord[] = []
    losses.forEach((validationLoss, i) => {
      epochs.push(recordEpoch(epochs, { epoch: i + 1, trainLoss: 0, validationLoss }))
    })
    return epochs
  }
  const at = (epochs: readonly EpochRecord[], step = 0) => ({ epochs, step, elapsedMs: () => 0 })
  it('waits for patience epochs without progress', () => {
    expect(endingOf(at(record([3, 2, 2.5])), { epochs: 10, patience: 2 })).toBeNull()
    expect(endingOf(at(record([3, 2, 2.5, 2])), { epochs: 10, patience: 2 })).toBe('patience')
  })
  it('starts to count again at a better epoch', () => {
    expect(endingOf(at(record([3, 2, 2.5, 1, 1.5])), { epochs: 10, patience: 2 })).toBeNull()
  })
  it('runs all epochs without patience', () => {
    expect(endingOf(at(record([1, 2, 3, 4])), { epochs: 5 })).toBeNull()
    expect(endingOf(at(record([1, 2, 3, 4, 5])), { epochs: 5 })).toBe('epochs')
  })
})
