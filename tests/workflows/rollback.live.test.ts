// A rollback on a real Temporal server: by its start, by the update, refused in words, and whatever is killed between any two steps.

import { ApplicationFailure } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLedger } from '../../lake/ledger.ts'
import { failure } from '../../schemas/failures.ts'
import { rollbackWorkflowId } from '../../schemas/ids.ts'
import type { RollbackInput, RollbackResult } from '../../schemas/rollback.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { aModel } from './builders.ts'
import { aName, currentDetails, openVerbStage, type VerbStage } from './verbs.ts'

/** what checkModel throws, by pipeline */
const broken = new Map<string, Error>()
let stage: VerbStage
beforeAll(async () => {
  stage = await openVerbStage({
    checkModel: async ({ pipeline }) => {
      const error = broken.get(pipeline)
      if (error !== undefined) throw error
    },
  })
})
afterAll(async () => await stage.close())

/** A pipeline with three models that were live, the last of them is. */
async function threeModels() {
  const pipeline = aName()
  const models = ['first', 'second', 'third'].map((name) => aModel(`${pipeline} ${name}`).digest)
  for (const model of models) await promoteModel(stage.store, { pipeline, model })
  const [first, second, third] = models as [string, string, string]
  return { pipeline, first, second, third }
}

async function start(input: RollbackInput) {
  const { client, queue: taskQueue } = stage
  const workflowId = rollbackWorkflowId(input.pipeline, input.to)
  const handle = await client.workflow.start('rollback', { taskQueue, workflowId, args: [input] })
  return {
    handle,
    result: () => handle.result() as Promise<RollbackResult>,
    refusal: () =>
      handle.result().then(
        () => 'done',
        (error) => `${error.cause?.type}: ${error.cause?.message}`,
      ),
    update: (typed: unknown) => handle.executeUpdate<RollbackResult, [unknown]>('rollback', { args: [typed] }),
  }
}

const champion = async (pipeline: string) => (await stage.ledger(pipeline)).champion
const because = { reason: 'bad answers', by: 'ada' }

test('started with a reason it is carried out', async () => {
  const { pipeline, second, third } = await threeModels()
  const { handle, result } = await start({ pipeline, ...because })
  expect(await result()).toMatchObject({ state: 'rolled back', model: second, replaces: third, by: 'ada', asked: [] })
  const { entries, state } = await readLedger(stage.store, pipeline)
  expect(state.champion).toBe(second)
  expect(entries.at(-1)?.change).toMatchObject({ kind: 'rolledBack', identity: 'stated', ...because })
  expect(await currentDetails(handle)).toContain(`\`${second.slice(0, 12)}\` is live again instead of`)
})

test('without a reason it shows what can be done, and waits for the update', async () => {
  const { pipeline, first, second, third } = await threeModels()
  const { handle, update, result } = await start({ pipeline })
  await expect.poll(() => currentDetails(handle)).toContain(`Live is \`${third.slice(0, 12)}\``)
  const page = await currentDetails(handle)
  expect(page).toContain(`"to": "${second.slice(0, 12)}"`)
  const refusal = (typed: unknown) => update(typed).catch((error: Error) => (error.cause as Error).message)
  expect(await refusal({})).toContain('a rollback needs a reason')
  expect(await refusal('nonsense')).toContain('expected one JSON object like')
  expect(await refusal({ to: { a: 1 }, reason: 'x' })).toContain('to: expected the start of a digest or the number')
  expect(await refusal({ to: 'ffffffff', reason: 'x' })).toContain('no model of')
  expect(await currentDetails(handle)).toMatch(/^# Not rolled back\n\nno model of[\s\S]*Live is/)
  expect(await update({ to: 1, ...because })).toMatchObject({ state: 'rolled back', model: first })
  expect(await result()).toMatchObject({ model: first, by: 'ada' })
  expect(await champion(pipeline)).toBe(first)
})

test('who looked before the champion changed is told so', async () => {
  const { pipeline, third } = await threeModels()
  const { handle, update } = await start({ pipeline })
  await expect.poll(() => currentDetails(handle)).toContain(third.slice(0, 12))
  const fourth = aModel(`${pipeline} fourth`).digest
  await promoteModel(stage.store, { pipeline, model: fourth })
  await expect(update(because)).rejects.toMatchObject({
    cause: {
      message: expect.stringContaining(`you saw ${third.slice(0, 12)} live, live is now ${fourth.slice(0, 12)}`),
    },
  })
  expect(await champion(pipeline)).toBe(fourth)
  await handle.terminate()
})

test.each([
  ['whose objects are gone', failure('OBJECT_MISSING', { key: 'models/aa' }), 'OBJECT_MISSING'],
  ['that answers otherwise', failure('MODEL_INVALID', { model: 'm', expected: '1', found: '2' }), 'MODEL_INVALID'],
])('a model %s does not go live', async (_what, error, code) => {
  const { pipeline, third } = await threeModels()
  broken.set(pipeline, error)
  const { refusal } = await start({ pipeline, ...because })
  expect(await refusal()).toContain(code)
  expect(await champion(pipeline)).toBe(third)
  expect(await stage.kinds(pipeline)).toEqual(['promoted', 'promoted', 'promoted'])
})

test('what is no input ends it', async () => {
  const { refusal } = await start({} as RollbackInput)
  expect(await refusal()).toContain('INPUT_INVALID: rollback workflow, pipeline: expected')
})

const STEPS = ['planRollback', 'checkModel', 'recordRollback'] as const
const VERBS = ['terminate', 'cancel'] as const

describe('the ledger holds the decision or none, and the answer agrees', () => {
  test.for(STEPS.flatMap((step) => VERBS.map((verb) => [verb, step] as const)))(
    '%s before %s',
    { timeout: 60_000 },
    async ([verb, step]) => {
      const { pipeline, second, third } = await threeModels()
      const held = stage.hold(pipeline, step)
      const { handle, refusal } = await start({ pipeline, ...because })
      await held.reached
      await handle[verb]()
      held.release()
      const answer = await refusal()
      // the activity of a workflow that was terminated still ends
      if (verb === 'terminate' && step === 'recordRollback') await expect.poll(() => champion(pipeline)).toBe(second)
      const isRecorded = step === 'recordRollback'
      expect(await champion(pipeline)).toBe(isRecorded ? second : third)
      if (verb === 'cancel') expect(answer).toMatch(isRecorded ? /^done$/ : /cancel/)
      expect((await stage.kinds(pipeline)).filter((kind) => kind === 'rolledBack')).toHaveLength(isRecorded ? 1 : 0)
    },
  )

  test('a second one joins or is told', async () => {
    const { pipeline } = await threeModels()
    const all = await Promise.all([1, 2, 3].map(async (to) => await start({ pipeline, to: String(to), ...because })))
    const answers = await Promise.all(all.map(({ refusal }) => refusal()))
    const done = answers.filter((answer) => answer === 'done').length
    expect(done).toBeGreaterThan(0)
    expect((await stage.kinds(pipeline)).filter((kind) => kind === 'rolledBack')).toHaveLength(done)
    expect(answers[2]).toMatch(/is live already|you saw/)
  })
})

test('an activity that is tried again records once', async () => {
  const { pipeline, second } = await threeModels()
  broken.set(pipeline, ApplicationFailure.retryable('a server is away', 'STORE_UNAVAILABLE'))
  const { result } = await start({ pipeline, ...because })
  setTimeout(() => broken.delete(pipeline), 500)
  expect(await result()).toMatchObject({ model: second })
  expect((await stage.kinds(pipeline)).filter((kind) => kind === 'rolledBack')).toHaveLength(1)
})
