// The real trainer process on a real store: what it says of a gradient that explodes and of memory that does not suffice.
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import type { Plan, TrainSpec } from '../../../schemas/plan.ts'
import type { TrainerJob, TrainerLine } from '../../../schemas/trainer.ts'
import { runTrainer } from '../../../workers/trainer/run-trainer.ts'
import { PLAN } from '../../ml/flowers.ts'
import { openTrainerLake, type TrainerLake } from './trainer-lake.ts'

let lake: TrainerLake

beforeAll(async () => {
  lake = await openTrainerLake(inject('endpoints'), 200)
})
afterAll(() => lake.store.close())

/** Lines of a training whose plan says this, and how it ended. */
async function train(training: string, change: Partial<TrainSpec>): Promise<{ lines: TrainerLine[]; error: unknown }> {
  const plan: Plan = { ...PLAN, train: { ...PLAN.train, epochs: 2, checkpointEvery: 4, ...change } }
  const job: TrainerJob = {
    job: 'train',
    plan,
    dataset: lake.dataset,
    inputs: sha256(training),
    code: 'code',
    backend: 'cpu',
  }
  const lines: TrainerLine[] = []
  const error = await runTrainer(job, {
    endpoints: lake.endpoints,
    config: { projectDir: process.cwd() },
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  }).then(
    () => null,
    (reason: unknown) => reason,
  )
  return { lines, error }
}

it('names step, norm and rows of the dataset', async () => {
  const { lines, error } = await train('explodes', { gradientLimit: 1e-6 })
  expect(error).toMatchObject({
    code: 'GRADIENT_EXPLODED',
    facts: {
      step: 1,
      epoch: 1,
      norm: expect.any(Number),
      limit: 1e-6,
      checkpoint: 'none',
      rows: expect.stringMatching(/^rows (\d+, )*\d+ of parts\/\S+\.arrow/),
    },
  })
  expect(lines.map(({ type }) => type)).not.toContain('checkpoint')
}, 60_000)

it('tells the norm while it clips', async () => {
  const { lines, error } = await train('clips', { optimizer: { ...PLAN.train.optimizer, clipNorm: 1 } })
  expect(error).toBeNull()
  expect(lines.find(({ type }) => type === 'progress')).toHaveProperty('gradientNorm', expect.any(Number))
}, 60_000)

it('says which memory does not suffice', async () => {
  const { error } = await train('too large', {
    // 2^48 weights: more than any array holds
    model: {
      kind: 'convolutional',
      image: [6, 1, 1],
      filters: [65_536],
      kernel: 65_536,
      pool: 1,
      dense: [],
      dropout: 0,
      batchNorm: false,
    },
  })
  expect(error).toMatchObject({
    code: 'OUT_OF_MEMORY',
    facts: { what: 'the model with what the optimizer keeps beside each weight' },
  })
}, 60_000)
