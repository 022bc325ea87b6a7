// A training whose gradient explodes ends at that step, with its rows, and no checkpoint holds what it left behind.
import { beforeAll, describe, expect, it } from 'vitest'
import { type OpenBackend, openBackend } from '../../../ml/backend.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import type { Checkpoint } from '../../../ml/training/checkpoint.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import { eagerEngine } from '../../../ml/training/engine/eager-engine.ts'
import type { EngineKind, HostModel } from '../../../ml/training/engine/engine.ts'
import { epochOrder } from '../../../ml/training/input/epoch.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import { type TrainingOptions, trainModel } from '../../../ml/training/loop.ts'
import { readSteps } from '../../../ml/training/pending-steps.ts'
import type { Progress } from '../../../ml/training/step-watch.ts'
import type { PredictSpec, TrainSpec } from '../../../schemas/plan.ts'
import { clusters, openTensorflow, trainSpec } from '../builders.ts'
import { CHAIN, rounding, TRAINING_CONDITION } from '../tolerance.ts'

const WIDTH = 6
const BATCH = 8
const NUMBER: PredictSpec = { task: 'number', column: 'label' }
const rows = clusters({ rows: 50, width: WIDTH, seed: 1 })
const validation = clusters({ rows: 20, width: WIDTH, seed: 2 })
/** Far above 2 / λ, where λ is the largest eigenvalue of the squared error's Hessian: each step is larger than the one before. */
const DIVERGES: TrainSpec = trainSpec({
  model: { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 },
  optimizer: { kind: 'sgd', rate: 1.5, momentum: 0, nesterov: false },
  batch: BATCH,
  epochs: 3,
  checkpointEvery: 5,
})
const FIRST: HostModel = {
  weights: [
    { name: '0/kernel', shape: [WIDTH, 1], values: new Float32Array(WIDTH).fill(0.05) },
    { name: '0/bias', shape: [1], values: new Float32Array(1) },
  ],
  averages: [],
}

const tensorflow = await openTensorflow()
/** that of the tests that run: the last one opened is active */
let opened: OpenBackend

interface Story {
  readonly error: { code?: string; message: string; next: string; facts: Record<string, unknown> } | null
  readonly saved: Checkpoint[]
  readonly told: Progress[]
}

async function train(kind: EngineKind, spec: TrainSpec, change: Partial<TrainingOptions> = {}): Promise<Story> {
  const { tf, info } = opened
  const network = networkOf(architectureOf(spec.model, WIDTH, NUMBER))
  const options = { tf, network, predict: NUMBER, train: spec, rows, validation }
  // chosen by sound rows, which it then must not hold where the test brings others
  const form = change.rows === undefined ? {} : { form: { steps: 3, held: false } }
  const choose = async () => (await chooseEngine({ ...options, ...form, backend: info })).engine
  const engine = kind === 'eager' ? eagerEngine(options) : await choose()
  expect(engine.kind).toBe(kind)
  const saved: Checkpoint[] = []
  const told: Progress[] = []
  const error = await trainModel({
    ...options,
    backend: 'any',
    engine,
    from: null,
    start: FIRST,
    ...change,
    describeRows: (positions) => `[${[...positions].join()}]`,
    onProgress: (progress) => told.push(progress),
    async save(checkpoint) {
      saved.push(checkpoint)
      return { key: `checkpoint-${checkpoint.step}`, sha256: '', bytes: 0, step: checkpoint.step }
    },
  }).then(
    () => null,
    (reason) => reason,
  )
  return { error, saved, told }
}

/** Steps in float64, by the formulas → norm of each step's gradient, and its rows. */
function reference(matrix: Matrix, { rate }: { rate: number }, steps: number): { norm: number; rows: number[] }[] {
  let weights = [...FIRST.weights[0]!.values, 0]
  const perEpoch = Math.ceil(matrix.rows / BATCH)
  return Array.from({ length: steps }, (_, step) => {
    const order = epochOrder(matrix.rows, DIVERGES.seed, Math.floor(step / perEpoch) + 1)
    const batch = [...order.subarray((step % perEpoch) * BATCH, ((step % perEpoch) + 1) * BATCH)]
    const gradient = weights.map(() => 0)
    for (const row of batch) {
      const x = [...matrix.inputs.subarray(row * WIDTH, (row + 1) * WIDTH), 1]
      const distance = x.reduce((sum, value, i) => sum + value * weights[i]!, 0) - matrix.labels[row]!
      x.forEach((value, i) => {
        gradient[i]! += (2 * distance * value) / batch.length
      })
    }
    weights = weights.map((weight, i) => weight - rate * gradient[i]!)
    return { norm: Math.hypot(...gradient), rows: batch }
  })
}

const EXPECTED = reference(rows, DIVERGES.optimizer, 21)
/** the norm of step 11 is the first above it */
const LIMIT = (Math.max(...EXPECTED.slice(0, 10).map(({ norm }) => norm)) + EXPECTED[10]!.norm) / 2

describe('numbers that were read', () => {
  const read = async (numbers: readonly (readonly [loss: number, norm: number])[], gradientLimit?: number) => {
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const tensors = tf.memory().numTensors
    const pending = numbers.map(([loss, norm], i) => ({
      loss: tf.scalar(loss),
      norm: tf.scalar(norm),
      rate: 1,
      step: i + 1,
      epoch: 1,
      rows: Int32Array.of(10 + i, 20 + i),
    }))
    const train = gradientLimit === undefined ? {} : { gradientLimit }
    const result = await readSteps(pending, { tf, train, before: null, checkpoint: 'k' }).catch((reason) => reason)
    expect(tf.memory().numTensors).toBe(tensors)
    return result
  }
  it('are those of the steps', async () => {
    expect(
      await read(
        [
          [0.5, 2],
          [0.25, 1],
        ],
        2,
      ),
    ).toMatchObject([
      { loss: 0.5, norm: 2 },
      { loss: 0.25, norm: 1 },
    ])
  })
  it.each([
    [NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('end a training by the norm %d without a limit', async (norm, shown) => {
    expect(
      await read([
        [0.5, 2],
        [0.25, norm],
        [NaN, NaN],
      ]),
    ).toMatchObject({
      code: 'GRADIENT_EXPLODED',
      message: `the gradient of step 2 in epoch 1 had the norm ${shown}, allowed is any finite one`,
      facts: { rows: 'rows 11, 21', checkpoint: 'k' },
    })
  })
  it('say the norm before a loss', async () => {
    expect(
      await read(
        [
          [0.5, 2],
          [NaN, NaN],
        ],
        3,
      ),
    ).toMatchObject({
      code: 'LOSS_NOT_FINITE',
      facts: { step: 2, rows: 'rows 11, 21', before: 'the gradient of step 1 before it had the norm 2' },
    })
  })
})

it('diverges in this test', () => {
  expect(EXPECTED[10]!.norm).toBeGreaterThan(1.5 * Math.max(...EXPECTED.slice(0, 10).map(({ norm }) => norm)))
})

describe.each([
  ['eager', 'cpu'],
  ['eager', 'tensorflow'],
  ['compiled', 'tensorflow'],
] as const)('%s on %s', (engine, prefer) => {
  const missing = prefer === 'tensorflow' && tensorflow === null
  const here = it.skipIf(missing)
  beforeAll(async () => {
    if (!missing) opened = await openBackend({ prefer, device: 'any' })
  })

  here('tells the norm of every step', async () => {
    const { told } = await train(engine, { ...DIVERGES, checkpointEvery: 1, gradientLimit: 1e30 })
    expect(told.length).toBeGreaterThanOrEqual(21)
    for (const { step, gradientNorm } of told) {
      const tolerance = rounding(step * CHAIN.step, TRAINING_CONDITION)
      expect(Math.abs(gradientNorm! / EXPECTED[step - 1]!.norm - 1)).toBeLessThan(tolerance)
    }
  })

  here.each([1, 3])('stops at the step above the limit (%d parts)', async (accumulate) => {
    const { error, saved, told } = await train(engine, { ...DIVERGES, accumulate, gradientLimit: LIMIT })
    expect(error).toMatchObject({
      code: 'GRADIENT_EXPLODED',
      facts: { step: 11, epoch: 2, limit: LIMIT, rows: `[${EXPECTED[10]!.rows}]`, checkpoint: 'checkpoint-10' },
    })
    const tolerance = rounding(11 * CHAIN.step, TRAINING_CONDITION)
    expect(Math.abs(Number(error!.facts.norm) / EXPECTED[10]!.norm - 1)).toBeLessThan(tolerance)
    expect(saved.map(({ step }) => step)).toEqual([5, 7, 10])
    expect(Math.max(...told.map(({ step }) => step))).toBe(10)
  })

  here('stops although it clips', async () => {
    // clipping leaves the first step as it is for the norm that is watched
    const clipped: TrainSpec = { ...DIVERGES, optimizer: { ...DIVERGES.optimizer, clipNorm: 1e-6 } }
    const { error } = await train(engine, { ...clipped, gradientLimit: EXPECTED[0]!.norm * 0.99 })
    expect(error).toMatchObject({ code: 'GRADIENT_EXPLODED', facts: { step: 1, checkpoint: 'none' } })
  })

  here('trains on below the limit', async () => {
    const calm: TrainSpec = { ...DIVERGES, optimizer: { ...DIVERGES.optimizer, rate: 0.01 } }
    const { error, told } = await train(engine, { ...calm, gradientLimit: LIMIT })
    expect(error).toBeNull()
    expect(told.at(-1)!.gradientNorm).toBeGreaterThan(0)
  })

  describe('a row whose gradient overflows', () => {
    const poisoned = { ...rows, inputs: Float32Array.from(rows.inputs) }
    const [first, second] = [EXPECTED[0]!.rows, EXPECTED[1]!.rows]
    // the loss of the first step is about 3e37, its gradient beyond 3.4e38
    poisoned.inputs.fill(3e20, first[0]! * WIDTH, first[0]! * WIDTH + 1)

    here('is named by its own step', async () => {
      const { error, saved } = await train(engine, { ...DIVERGES, gradientLimit: 1e30 }, { rows: poisoned })
      expect(error).toMatchObject({
        code: 'GRADIENT_EXPLODED',
        facts: { step: 1, rows: `[${first}]`, norm: 'Infinity', checkpoint: 'none' },
      })
      expect(saved).toEqual([])
    })
    here('is the suspect of the next loss', async () => {
      const { error, saved } = await train(engine, DIVERGES, { rows: poisoned })
      expect(error).toMatchObject({ code: 'LOSS_NOT_FINITE', facts: { step: 2, rows: `[${second}]` } })
      expect(error!.facts.before).toContain(`the update of step 1 before it had left unsound weights, from [${first}]`)
      expect(error!.next).toMatch(/train\.gradientLimit tells the two apart/)
      expect(saved).toEqual([])
    })
    here('is the suspect of the validation loss', async () => {
      const last = { ...rows, inputs: Float32Array.from(rows.inputs) }
      const ending = [...epochOrder(rows.rows, DIVERGES.seed, 1).subarray(48)]
      last.inputs.fill(3e20, ending[0]! * WIDTH, ending[0]! * WIDTH + 1)
      const slow: TrainSpec = { ...DIVERGES, optimizer: { ...DIVERGES.optimizer, rate: 1e-4 } }
      const { error, saved } = await train(engine, slow, { rows: last })
      expect(error).toMatchObject({
        code: 'LOSS_NOT_FINITE',
        facts: { step: 7, rows: 'the validation rows', checkpoint: 'checkpoint-5' },
      })
      expect(error!.facts.before).toContain(`step 7 before it had left unsound weights, from [${ending}]`)
      expect(saved.map(({ step }) => step)).toEqual([5])
    })
    here('never reaches a checkpoint', async () => {
      const { error, saved } = await train(engine, { ...DIVERGES, checkpointEvery: 1 }, { rows: poisoned })
      expect(error).toMatchObject({
        code: 'WEIGHTS_NOT_FINITE',
        facts: { step: 1, rows: `[${first}]`, what: 'the weight 0/kernel', checkpoint: 'none' },
      })
      expect(saved).toEqual([])
    })
  })
})
