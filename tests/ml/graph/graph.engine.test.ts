// The compiled engine trains as the eager one does, up to rounding; a resumed training goes on as it began, to the bit.
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import { seededRandom } from '../../../core/random.ts'
import { openBackend } from '../../../ml/backend.ts'
import { packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { backendId, type Checkpoint, openCheckpoints } from '../../../ml/training/checkpoint.ts'
import { compareEngines } from '../../../ml/training/engine/agreement.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import { eagerEngine } from '../../../ml/training/engine/eager-engine.ts'
import { type Engine, type FeedForm, initialState } from '../../../ml/training/engine/engine.ts'
import { furthest, type Results } from '../../../ml/training/engine/furthest.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import { type Trained, type TrainingOptions, trainModel } from '../../../ml/training/loop.ts'
import type { PredictSpec, TrainSpec } from '../../../schemas/plan.ts'
import { clusters, openCheckpointStore, openTensorflow, THREE_CLASSES, trainSpec } from '../builders.ts'
import { TRAINING_CONDITION, trainingTolerance } from '../tolerance.ts'

const opened = await openTensorflow()
const rows = clusters({ rows: 50, width: 6, seed: 1 })
const validation = clusters({ rows: 20, width: 6, seed: 2 })
/** labels that all three tasks can be trained on */
const binary = { ...rows, labels: rows.labels.map((label) => label % 2) }

const SGD = { kind: 'sgd', rate: 0.05, momentum: 0, nesterov: false } as const
const RMSPROP = { kind: 'rmsprop', rate: 0.01, rho: 0.9, momentum: 0.5, epsilon: 1e-7 } as const
const ADAM = { kind: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const
const ADAMW: TrainSpec['optimizer'] = {
  ...ADAM,
  kind: 'adamW',
  weightDecay: 0.1,
  warmup: 5,
  decay: { kind: 'cosine', to: 1e-4 },
}

/** Share of each input: far above rounding, and too little to move a number across a kink. */
const MOVED_BY = 2 ** -17

describe.skipIf(opened === null)('the compiled engine', () => {
  const { tf, info, machine } = opened!
  const optionsFor = (train: TrainSpec, predict: PredictSpec = THREE_CLASSES) => ({
    tf,
    predict,
    train,
    validation,
    backend: info,
    labels: rows.labels,
    network: networkOf(architectureOf(train.model, 6, predict)),
    rows: predict.task === 'category' ? rows : binary,
  })
  const compiledFor = async (train: TrainSpec, predict?: PredictSpec): Promise<Engine> => {
    const { engine, why } = await chooseEngine(optionsFor(train, predict))
    expect(engine.kind, why).toBe('compiled')
    return engine
  }
  async function trainWith(
    engine: Engine,
    train: TrainSpec,
    predict: PredictSpec = THREE_CLASSES,
    data: Partial<TrainingOptions> = {},
  ): Promise<Trained> {
    const save = async ({ step }: Checkpoint) => ({ key: '', sha256: '', bytes: 0, step })
    return trainModel({ ...optionsFor(train, predict), ...data, backend: 'any', engine, from: null, save })
  }
  const model = trainSpec().model

  /** The weights after `epochs` epochs are compared: which epoch is kept must not hang on a rounding. */
  function expectClose(found: Trained, expected: Trained, { optimizer }: TrainSpec): void {
    const form = ({ steps, bestEpoch, ended, epochs }: Trained) => [steps, bestEpoch, ended, epochs.length]
    expect(form(found)).toEqual(form(expected))
    const { distance, of } = furthest(numbersOf(expected), numbersOf(found))
    expect(distance, of).toBeLessThan(trainingTolerance({ steps: expected.steps, optimizer }))
  }

  it.each([
    ['dropout and a short last batch', {}, THREE_CLASSES],
    ['full batches alone', { batch: 10 }, THREE_CLASSES],
    ['one batch for all rows', { batch: 200 }, THREE_CLASSES],
    ['no hidden layer', { model: { ...model, hidden: [], dropout: 0 } }, THREE_CLASSES],
    ['a probability', {}, { task: 'probability', column: 'label' }],
    ['a number', {}, { task: 'number', column: 'label' }],
    ['averaged weights', { averageWeights: 0.9 }, THREE_CLASSES],
    ['accumulated gradients', { accumulate: 3 }, THREE_CLASSES],
    ['smoothed labels', { loss: { kind: 'crossEntropy', smoothing: 0.1 } }, { task: 'probability', column: 'label' }],
    ['the loss of Huber', { loss: { kind: 'huber', delta: 0.5 } }, { task: 'number', column: 'label' }],
  ] as [string, Partial<TrainSpec>, PredictSpec][])('agrees with eager with %s', async (_, change, predict) => {
    const train = trainSpec({ epochs: 6, optimizer: ADAMW, ...change }) // an update that is traced, not fused
    const expected = await trainWith(eagerEngine(optionsFor(train, predict)), train, predict)
    expectClose(await trainWith(await compiledFor(train, predict), train, predict), expected, train)
  })

  const FUSED: [string, Partial<TrainSpec>][] = [
    ['fused layers of tanh', { model: { ...model, hidden: [9, 4], activation: 'tanh' } as TrainSpec['model'] }],
    ['fused Adam', { optimizer: ADAM }],
    ['fused descent', { optimizer: SGD }],
    ['fused momentum', { optimizer: { ...SGD, momentum: 0.9 } }],
    ['fused momentum of Nesterov, clipped', { optimizer: { ...SGD, momentum: 0.9, nesterov: true, clipNorm: 0.5 } }],
    ['fused RMSprop', { optimizer: RMSPROP }],
    ['fused Adam on accumulated gradients', { optimizer: ADAM, accumulate: 3 }],
    ['RMSprop', { optimizer: { ...RMSPROP, momentum: 0 } }], // the library takes a reciprocal root where eager divides by a root
    ['focal loss', { loss: { kind: 'focal', gamma: 2, classWeights: 'balanced' } }],
  ]

  it.each(FUSED)('agrees with eager with %s', async (_, change) => {
    const train = trainSpec({ epochs: 6, ...change })
    const expected = await trainWith(eagerEngine(optionsFor(train)), train)
    expectClose(await trainWith(await compiledFor(train), train), expected, train)
  })

  it.each(FUSED)('magnifies little with %s', async (_, change) => {
    const train = trainSpec({ epochs: 6, ...change })
    const random = seededRandom(1)
    const moved = (matrix: Matrix): Matrix => {
      return { ...matrix, inputs: matrix.inputs.map((x) => x * (1 + (random() < 0.5 ? -MOVED_BY : MOVED_BY))) }
    }
    const expected = await trainWith(eagerEngine(optionsFor(train)), train)
    const data = { rows: moved(rows), validation: moved(validation) }
    const found = await trainWith(eagerEngine({ ...optionsFor(train), ...data }), train, THREE_CLASSES, data)
    const { distance } = furthest(numbersOf(expected), numbersOf(found))
    expect(distance / MOVED_BY).toBeGreaterThan(0)
    expect(distance / MOVED_BY).toBeLessThan(TRAINING_CONDITION)
  })

  it('ends with the same bits after interruptions', async () => {
    const train = trainSpec({ epochs: 6 })
    const digest = (trained: Trained): string =>
      sha256(packModel(architectureOf(train.model, 6, THREE_CLASSES), THREE_CLASSES, trained))
    const whole = digest(await trainWith(await compiledFor(train), train))
    const store = openCheckpointStore()
    for (const kills of [1, 4, 2, Number.POSITIVE_INFINITY]) {
      const engine = await compiledFor(train) // compiled anew, as a new process does
      const backend = backendId(info, engine.kind)
      const checkpoints = await openCheckpoints(store, { pipeline: 'p', inputs: 'i', backend, machine })
      let saves = 0
      const save = async (checkpoint: Checkpoint) => {
        const ref = await checkpoints.save(checkpoint)
        saves += 1
        if (saves === kills) throw new Error('killed')
        return ref
      }
      const from = await checkpoints.newest()
      const training = trainModel({ ...optionsFor(train), backend, engine, from, save })
      if (Number.isFinite(kills)) await expect(training).rejects.toThrow('killed')
      else expect(digest(await training)).toBe(whole)
    }
  })

  it('takes no checkpoint of the eager engine', async () => {
    const store = openCheckpointStore()
    const task = { pipeline: 'p', inputs: 'i', machine }
    const eager = await openCheckpoints(store, { ...task, backend: backendId(info) })
    const nothing = { weights: [], averages: [] }
    const empty = { epochLoss: 0, epochs: [], ...nothing, slots: [], best: nothing }
    await eager.save({ ...empty, backend: backendId(info), step: 3 })
    const compiled = await openCheckpoints(store, { ...task, backend: backendId(info, 'compiled') })
    expect(await compiled.newest()).toBeNull()
    expect((await eager.newest())?.step).toBe(3)
  })

  it('is not taken when it computes something else', async () => {
    const options = optionsFor(trainSpec())
    const agreement = await compareEngines(options, eagerEngine(options), hasty(await compiledFor(trainSpec())))
    expect(agreement).toMatchObject({ agree: false, identical: false })
    expect(agreement.distance).toBeGreaterThan(1e-4)
  })

  it.each([
    [{ held: true, steps: 1 }, {}],
    [{ held: false, steps: 3 }, {}],
    [{ held: false, steps: 1 }, { accumulate: 3 }],
    [{ held: true, steps: 2 }, { accumulate: 3 }],
  ] as [FeedForm, Partial<TrainSpec>][])('ends alike in feeds of %o', async (form, change) => {
    const train = trainSpec({ epochs: 4, ...change })
    const { engine } = await chooseEngine({ ...optionsFor(train), form })
    expect(engine.form).toEqual(form)
    const other = await compiledFor(train)
    expect(other.form).not.toEqual(form)
    expectClose(await trainWith(engine, train), await trainWith(other, train), train)
  })

  it('leaves no tensor behind', async () => {
    const train = trainSpec()
    const before = tf.memory().numTensors
    await trainWith(await compiledFor(train), train)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is left alone when eager is asked for', async () => {
    const { engine, why } = await chooseEngine({ ...optionsFor(trainSpec()), forceEager: true })
    expect([engine.kind, why]).toEqual(['eager', 'SLUICE_EAGER is set'])
    engine.dispose()
  })

  /** An engine whose steps are 1 % too long. */
  function hasty(engine: Engine): Engine {
    return {
      ...engine,
      step: (feed, index) => {
        const { rates, stepSizes } = feed.hyper
        return engine.step({ ...feed, hyper: { rates, stepSizes: tf.mul(stepSizes, 1.01) } }, index)
      },
    }
  }
})

function numbersOf({ weights, averages, epochs }: Trained): Results {
  return {
    weights: weights.flatMap(({ values }) => [...values]),
    averages: averages.flatMap(({ values }) => [...values]),
    'training losses': epochs.map(({ trainLoss }) => trainLoss),
    'validation losses': epochs.map(({ validationLoss }) => validationLoss),
  }
}

describe('a training from scratch', () => {
  it('begins with moments of zero', async () => {
    const train = trainSpec()
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const network = networkOf(architectureOf(train.model, 6, THREE_CLASSES))
    const { weights, slots } = initialState({ tf, network, predict: THREE_CLASSES, train })
    expect(weights).toEqual(initialWeights(network.weights, train.seed))
    for (const moments of slots) {
      expect(moments.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape))
      expect(moments.flatMap(({ values }) => [...values]).every((value) => value === 0)).toBe(true)
    }
  })
})

describe('other backends', () => {
  it('stay eager and say why', async () => {
    const { tf, info } = await openBackend({ prefer: 'cpu', device: 'any' })
    const train = trainSpec()
    const network = networkOf(architectureOf(train.model, 6, THREE_CLASSES))
    const task = { tf, network, predict: THREE_CLASSES, train, rows, validation }
    const { engine, why } = await chooseEngine({ ...task, backend: info })
    expect([engine.kind, why]).toEqual(['eager', 'cpu runs no graphs'])
  })
})
