// Training and judging activities with a trainer that the test plays.
import { CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { failure } from '../../schemas/failures.ts'
import type { TrainerJob, TrainerLine } from '../../schemas/trainer.ts'
import { aDataset, aModel, anEvaluation, anObject, aPlan } from '../workflows/builders.ts'
import { asActivity, openTwins } from './twins.ts'

const plan = aPlan()
const dataset = aDataset()
const checkpoint = { ...anObject('checkpoint'), step: 40 }
const progress: TrainerLine = { type: 'progress', step: 41, steps: 90, epoch: 1, loss: 0.5, examplesPerSecond: 1_000 }

/** A trainer that prints `lines`, remembers its jobs and ends with `end`. */
function trainer(end: TrainerLine | Error, lines: readonly TrainerLine[] = []) {
  const jobs: TrainerJob[] = []
  const twins = openTwins({
    async runTrainer(job, { onLine }) {
      jobs.push(job)
      for (const line of lines) onLine(line)
      if (end instanceof Error) throw end
      return end
    },
  })
  return { ...twins, jobs }
}

const trained: TrainerLine = { type: 'trained', model: aModel() }

test('the newest checkpoint travels in heartbeats', async () => {
  const { activities } = trainer(trained, [{ type: 'checkpoint', checkpoint }, progress])
  const { beats } = await asActivity(() => activities.trainModel({ plan, dataset }))
  expect(beats.at(-1)).toMatchObject({ checkpoint, line: progress, start: null })
})

test('every attempt has the same job', async () => {
  const [first, second] = [trainer(trained), trainer(trained)]
  await asActivity(() => first.activities.trainModel({ plan, dataset }))
  await asActivity(() => second.activities.trainModel({ plan, dataset }), { checkpoint, line: progress, start: null })
  expect(second.jobs).toEqual(first.jobs)
  expect(first.jobs[0]).toMatchObject({ job: 'train', code: 'train-1' })
})

test('a retry tells watchers of the old checkpoint', async () => {
  const { activities } = trainer(trained, [progress])
  const { beats } = await asActivity(() => activities.trainModel({ plan, dataset }), { checkpoint, start: null })
  expect(beats.at(-1)).toMatchObject({ checkpoint, line: progress })
})

test('a trained model is not trained again', async () => {
  const { activities, jobs } = trainer(trained)
  await asActivity(() => activities.trainModel({ plan, dataset }))
  const { result } = await asActivity(() => activities.trainModel({ plan, dataset }))
  expect(result).toMatchObject({ value: aModel(), reused: true })
  expect(jobs).toHaveLength(1)
})

test('another seed trains again', async () => {
  const { activities, jobs } = trainer(trained)
  await asActivity(() => activities.trainModel({ plan, dataset }))
  const seeded = aPlan({ train: { ...plan.train, seed: 2 } })
  const { result } = await asActivity(() => activities.trainModel({ plan: seeded, dataset }))
  expect(result.reused).toBe(false)
  expect(new Set(jobs.map((job) => job.job === 'train' && job.inputs)).size).toBe(2)
})

test('a dead trainer is remembered nowhere', async () => {
  const { activities, keys } = trainer(failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 3 }))
  await expect(asActivity(() => activities.trainModel({ plan, dataset }))).rejects.toMatchObject({
    code: 'TRAINER_DIED',
  })
  expect(await keys()).toEqual([])
})

test('deaths are counted from attempt to attempt', async () => {
  const { activities } = trainer(failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 3 }))
  const deaths = { count: 4, step: 40 }
  const attempt = asActivity(() => activities.trainModel({ plan, dataset }), { start: null, checkpoint, deaths })
  await expect(attempt).rejects.toMatchObject({ code: 'TRAINER_DIED', facts: { found: 'signal SIGKILL', deaths: 5 } })
})

test('a cancelled activity ends as cancelled', async () => {
  const environment = new MockActivityEnvironment()
  const started = Promise.withResolvers<void>()
  const died = failure('TRAINER_DIED', { found: 'signal SIGTERM', step: 3 })
  const { activities } = openTwins({
    runTrainer: (_job, { signal }) => {
      started.resolve()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(died)))
    },
  })
  const running = environment.run(() => activities.trainModel({ plan, dataset }))
  await started.promise
  environment.cancel('CANCELLED')
  await expect(running).rejects.toBeInstanceOf(CancelledFailure)
})

test('another champion means another judgement', async () => {
  const { activities, jobs } = trainer({ type: 'evaluated', evaluation: anEvaluation() })
  const evaluate = (champion: { digest: string; key: string } | null) =>
    asActivity(() => activities.evaluateCandidate({ plan, dataset, model: aModel(), champion }))
  await evaluate(null)
  await evaluate(null)
  await evaluate({ digest: aModel('old').digest, key: 'k' })
  expect(jobs).toHaveLength(2)
})
