// The story of a run on a real Temporal server, its activities directed by the test.
import { randomUUID } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import { afterEach, expect, inject, test } from 'vitest'
import type { Activities } from '../../activities/index.ts'
import { loadConfig } from '../../core/config.ts'
import { failure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RetrainInput, RetrainProgress } from '../../schemas/run.ts'
import type { retrain } from '../../workflows/retrain.ts'
import { aModel, anEvaluation, aPlan, aSnapshot, aSource } from './builders.ts'
import { heldTraining } from './held-training.ts'
import { openStage, type Stage } from './stage.ts'

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

async function onStage(activities: Partial<Activities> = {}, changes: Partial<Plan> = {}) {
  const device = changes.train?.device === 'gpu' ? 'gpu' : 'cpu'
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities, device })
  open.push(stage)
  const input: RetrainInput = { plan: aPlan({ name: stage.pipeline, ...changes }), reason: 'person', by: 'a test' }
  const options = { taskQueue: stage.queue, workflowId: `retrain/${stage.pipeline}`, args: [input] as [RetrainInput] }
  const start = (changes: Partial<RetrainInput> = {}) =>
    stage.client.workflow.start<typeof retrain>('retrain', { ...options, args: [{ ...input, ...changes }] })
  const request = (next: RetrainInput = input) =>
    stage.client.workflow.signalWithStart<typeof retrain, [RetrainInput]>('retrain', {
      ...options,
      args: [next],
      signal: 'trigger',
      signalArgs: [next],
    })
  const times = (name: string): number => stage.calls.filter((call) => call === name).length
  return {
    ...stage,
    input,
    start,
    request,
    times,
    run: async (changes: Partial<RetrainInput> = {}) => (await start(changes)).result(),
  }
}

test('a good candidate is put to a person', async () => {
  const { run, client, pipeline } = await onStage()
  const result = await run()
  const digest = aModel().digest
  expect(result).toMatchObject({
    outcome: 'waiting for approval',
    pipeline,
    promotion: `promote/${pipeline}/${digest}`,
    ingested: [{ partition: 0, start: 0, end: 102 }],
  })
  expect(result.stages.map(({ stage }) => stage)).toEqual(['ingest', 'clean', 'train', 'evaluate', 'promote'])
  const promotion = client.workflow.getHandle(result.promotion!)
  expect((await promotion.describe()).status.name).toBe('RUNNING')
  await promotion.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: digest }] })
})

test('the champion is not proposed again', async () => {
  const { run, client } = await onStage()
  const first = await run()
  const promotion = client.workflow.getHandle(first.promotion!)
  await promotion.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: aModel().digest }] })
  expect(await run()).toMatchObject({ outcome: 'nothing new', champion: aModel().digest, evaluation: null })
})

test('a question that waits is not asked twice', async () => {
  const { run, client } = await onStage()
  const first = await run()
  const second = await run()
  expect(second).toMatchObject({ outcome: 'waiting for approval', promotion: first.promotion })
  expect(second.stages.at(-1)).toMatchObject({ reused: true, why: 'the question is already open' })
  await client.workflow.getHandle(first.promotion!).terminate()
})

test('a rejected candidate is not asked again', async () => {
  const { run, client } = await onStage()
  const { promotion } = await run()
  await client.workflow
    .getHandle(promotion!)
    .executeUpdate('decide', { args: [{ decision: 'reject', reason: 'no', candidateDigest: aModel().digest }] })
  expect(await run()).toMatchObject({
    outcome: 'already decided',
    promotion: null,
    decided: expect.stringMatching(/^rejected by not stated, .+: no; `sluice run .+ --ask-again` asks once more$/),
  })
})

test('a rejected candidate is asked again when a person wants it', async () => {
  const { run, client } = await onStage()
  const { promotion } = await run()
  const question = client.workflow.getHandle(promotion!)
  const decide = (input: object) =>
    question.executeUpdate('decide', { args: [{ candidateDigest: aModel().digest, ...input }] })
  await decide({ decision: 'reject', reason: 'no' })
  expect(await run({ askAgain: true })).toMatchObject({ outcome: 'waiting for approval', promotion })
  expect(await decide({ decision: 'approve' })).toMatchObject({ state: 'approved' })
  expect(await run({ askAgain: true })).toMatchObject({ outcome: 'nothing new' })
})

test('a failed gate ends the run normally', async () => {
  const value = anEvaluation('FAIL')
  const { run, times } = await onStage({ evaluateCandidate: async () => ({ value, reused: false, why: 'first run' }) })
  expect(await run()).toMatchObject({ outcome: 'gates failed', promotion: null, evaluation: { verdict: 'FAIL' } })
  expect(times('propose')).toBe(0)
})

test('an empty topic gives nothing to learn from', async () => {
  const { run, calls } = await onStage({
    planIngest: async () => ({ source: aSource, head: null, ranges: [], more: false }),
  })
  expect(await run()).toMatchObject({ outcome: 'nothing to learn from', snapshot: null })
  expect(calls).toEqual(['planIngest'])
})

test('nothing new is committed without new records', async () => {
  const head = aSnapshot(3)
  const { run, times } = await onStage({ planIngest: async () => ({ source: aSource, head, ranges: [], more: false }) })
  const result = await run()
  expect(result).toMatchObject({ snapshot: head, ingested: [] })
  expect(result.stages[0]).toMatchObject({ reused: true, why: 'no records beyond snapshot 3' })
  expect(times('commitIngest')).toBe(0)
})

test('a lost race is planned again', async () => {
  let commits = 0
  const { run, times } = await onStage({
    commitIngest: async () => {
      if (++commits === 1) throw failure('CHAIN_CONFLICT', { chain: 'c', version: 1 })
      return aSnapshot()
    },
  })
  expect(await run()).toMatchObject({ outcome: 'waiting for approval' })
  expect(times('planIngest')).toBe(2)
  expect(times('commitIngest')).toBe(2)
})

test('many triggers start one successor', async () => {
  const { begun, release, trainModel } = heldTraining()
  const { request, times } = await onStage({ trainModel })
  const handle = await request()
  await begun
  await Promise.all(Array.from({ length: 7 }, () => request()))
  release()
  await handle.result()
  expect(times('planIngest')).toBe(2)
})

test('a trigger before planning starts no successor', async () => {
  const { request, times } = await onStage()
  await (await request()).result()
  expect(times('planIngest')).toBe(1)
})

test('a trigger with a changed plan is never lost', async () => {
  const { request, input, calls } = await onStage()
  const changed = { ...input, plan: { ...input.plan, fingerprint: randomUUID() } }
  await request()
  await request(changed)
  const handle = await request()
  await handle.result()
  expect(calls.filter((name) => name === 'planIngest').length).toBeGreaterThanOrEqual(2)
})

test('a failed run still answers a waiting trigger', async () => {
  const held = heldTraining()
  const { request, times } = await onStage({
    trainModel: async () => {
      const trained = await held.trainModel()
      if (times('trainModel') === 1) throw failure('LOSS_NOT_FINITE', { found: 'NaN', step: 3, checkpoint: 'none' })
      return trained
    },
  })
  const handle = await request()
  await held.begun
  await request()
  held.release()
  expect(await handle.result()).toMatchObject({ outcome: 'waiting for approval' })
})

test('a fatal failure is not tried again', async () => {
  const { run, times } = await onStage({
    cleanSnapshot: async () => {
      throw failure('RULE_FAILED', { rule: 'x', expected: 'a', found: 'b' })
    },
  })
  const error = (await run().catch((thrown: unknown) => thrown)) as { cause?: { cause?: ApplicationFailure } }
  const cause = error.cause?.cause
  expect(cause).toBeInstanceOf(ApplicationFailure)
  expect(cause).toMatchObject({
    type: 'RULE_FAILED',
    nonRetryable: true,
    details: [{ rule: 'x', expected: 'a', found: 'b' }],
  })
  expect(cause?.message).toContain('Next: look at the data')
  expect(times('cleanSnapshot')).toBe(1)
})

test('what may pass by itself is tried again', async () => {
  const { run, times } = await onStage({
    cleanSnapshot: async () => {
      if (times('cleanSnapshot') === 1)
        throw failure('STORE_UNAVAILABLE', { operation: 'GET', key: 'k', detail: 'away' })
      return { value: (await import('./builders.ts')).aDataset(), reused: false, why: 'first run' }
    },
  })
  expect(await run()).toMatchObject({ outcome: 'waiting for approval' })
  expect(times('cleanSnapshot')).toBe(2)
})

test('progress names the stage that runs', async () => {
  const { begun, release, trainModel } = heldTraining({ reused: true, why: 'inputs unchanged' })
  const { start } = await onStage({ trainModel })
  const handle = await start()
  await begun
  const progress = await handle.query<RetrainProgress>('progress')
  expect(progress.stage).toBe('train')
  expect(progress.stages.map(({ stage }) => stage)).toEqual(['ingest', 'clean'])
  release()
  await handle.result()
  expect(await handle.query<RetrainProgress>('progress')).toMatchObject({
    stage: 'done',
    detail: 'waiting for approval',
  })
})

test('a thousand ranges fit a thousand events', async () => {
  const ranges = Array.from({ length: 1_000 }, (_, i) => ({
    topic: 'demo',
    partition: 0,
    start: i * 10,
    end: i * 10 + 10,
  }))
  const { start } = await onStage({ planIngest: async () => ({ source: aSource, head: null, ranges, more: false }) })
  const handle = await start()
  const result = await handle.result()
  expect(result.ingested).toEqual([{ partition: 0, start: 0, end: 10_000 }])
  const { historyLength } = await handle.describe()
  expect(historyLength).toBeLessThan(1_000)
})

test('training for a GPU waits on its queue', async () => {
  const { run } = await onStage({}, { train: { ...aPlan().train, device: 'gpu' } })
  expect(await run()).toMatchObject({ outcome: 'waiting for approval' })
})

test('a cancelled run is cancelled', async () => {
  const training = Promise.withResolvers<void>()
  const { start } = await onStage({
    trainModel: async () => {
      training.resolve()
      const { Context, heartbeat } = await import('@temporalio/activity')
      const beat = setInterval(() => heartbeat(), 100)
      try {
        return await Context.current().cancelled
      } finally {
        clearInterval(beat)
      }
    },
  })
  const handle = await start()
  await training.promise
  await handle.cancel()
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } })
})
