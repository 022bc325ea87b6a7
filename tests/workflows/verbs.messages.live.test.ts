// Signals and updates that a person sends by hand, wrong ones among them: refused in words, and the workflow goes on.
import type { WorkflowHandle } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QuestionStatus } from '../../schemas/approval.ts'
import { promoteWorkflowId, retrainWorkflowId } from '../../schemas/ids.ts'
import type { RetrainInput, RetrainResult } from '../../schemas/run.ts'
import { aModel, anEvaluation, aPlan, aQuestion } from './builders.ts'
import { aName, currentDetails, openVerbStage, RAW_PAYLOADS, signalRaw, type VerbStage, WRONG_VALUES } from './verbs.ts'

let stage: VerbStage
beforeAll(async () => {
  stage = await openVerbStage({ countNewRows: async () => 500 })
})
afterAll(async () => await stage.close())

/** In words, as the UI shows it. */
async function refusal(handle: WorkflowHandle, update: string, value: unknown): Promise<string> {
  const error = await handle.executeUpdate(update, { args: [value] }).then(
    () => new Error('accepted'),
    (thrown: Error) => thrown,
  )
  return `${error.name} ${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`
}

/** What clients are told of a workflow that has ended. */
const ENDED = { name: 'WorkflowNotFoundError' }

async function ask(name = aName()) {
  const model = aModel(aName(), name)
  const input = aQuestion({ plan: aPlan({ name }), model, evaluation: anEvaluation('PASS', model) })
  const workflowId = promoteWorkflowId(name, model.digest)
  const handle = await stage.client.workflow.start('promote', { taskQueue: stage.queue, workflowId, args: [input] })
  await expect.poll(async () => Object.keys((await stage.ledger(name)).open)).toContain(model.digest)
  const approval = { decision: 'approve', candidateDigest: model.digest, by: 'Ada' }
  return { name, handle, workflowId, digest: model.digest, approval }
}

async function startRun(name = aName()) {
  const input: RetrainInput = { plan: aPlan({ name }), reason: 'person', by: 'a test' }
  const workflowId = retrainWorkflowId(name)
  const handle = await stage.client.workflow.start('retrain', { taskQueue: stage.queue, workflowId, args: [input] })
  return { name, input, workflowId, handle }
}

describe('a question', () => {
  test.each(['decideSignal', 'supersede'])('refuses every wrong %s', async (signal) => {
    const { name, handle, workflowId, digest, approval } = await ask()
    const own = { by: digest, decision: 'approve', candidateDigest: 'f'.repeat(64) }
    for (const value of [...WRONG_VALUES, own, { by: digest.slice(0, 12) }]) await handle.signal(signal, value)
    await handle.signal(signal) // nothing at all
    for (const payload of RAW_PAYLOADS) await signalRaw(stage.client, { workflowId, signal, payload })
    expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'open' })
    expect(await currentDetails(handle)).toContain(`**The last signal was refused.** ${signal}: `)
    await handle.executeUpdate('decide', { args: [approval] })
    expect(await stage.kinds(name)).toEqual(['proposed', 'promoted'])
  })

  test('is not superseded by what nobody proposed', async () => {
    const { name, handle, digest, approval } = await ask()
    await handle.signal('supersede', { by: 'a'.repeat(64) })
    await expect.poll(() => currentDetails(handle)).toContain('was proposed after')
    expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'open', result: null })
    expect(await stage.state(promoteWorkflowId(name, digest))).toMatchObject({ state: 'running' })
    await handle.executeUpdate('decide', { args: [approval] })
    expect(await stage.kinds(name)).toEqual(['proposed', 'promoted'])
  })

  test('is not superseded by an older one', async () => {
    const older = await ask()
    const newer = await ask(older.name)
    await older.handle.result()
    await newer.handle.signal('supersede', { by: older.digest })
    await expect.poll(() => currentDetails(newer.handle)).toContain('was proposed after')
    await newer.handle.executeUpdate('decide', { args: [newer.approval] })
    expect(await stage.kinds(older.name)).toEqual(['proposed', 'proposed', 'superseded', 'promoted'])
  })

  test('refuses wrong updates in words', async () => {
    const { handle, approval } = await ask()
    for (const value of [...WRONG_VALUES, undefined])
      expect(await refusal(handle, 'decide', value)).toMatch(/expected (one JSON object|"approve" or "reject")/)
    expect(await refusal(handle, 'approve', approval)).toContain('No registered handler for update: approve')
    await handle.signal('no such signal', 1)
    await expect(handle.query('no such query')).rejects.toThrow('did not register a handler for no such query')
    expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'open' })
    await handle.executeUpdate('decide', { args: [approval] })
  })

  test('takes nothing after its end', async () => {
    const { name, handle, digest, approval } = await ask()
    await handle.executeUpdate('decide', { args: [approval] })
    await handle.result()
    await expect(handle.signal('decideSignal', approval)).rejects.toMatchObject(ENDED)
    await expect(handle.signal('supersede', { by: digest })).rejects.toMatchObject(ENDED)
    expect(await refusal(handle, 'decide', approval)).toContain('WorkflowNotFoundError')
    expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'approved' })
    expect(await stage.kinds(name)).toEqual(['proposed', 'promoted'])
  })
})

describe('a run', () => {
  test('refuses every wrong trigger', async () => {
    const name = aName()
    const training = stage.hold(name, 'trainModel')
    const { handle, workflowId, input } = await startRun(name)
    await training.reached
    const foreign = { ...input, plan: aPlan({ name: 'another' }) }
    for (const value of [...WRONG_VALUES, foreign, { ...input, reason: 'mood' }]) await handle.signal('trigger', value)
    await handle.signal('trigger')
    for (const payload of RAW_PAYLOADS) await signalRaw(stage.client, { workflowId, signal: 'trigger', payload })
    await handle.signal('no such signal', 1)
    expect(await refusal(handle, 'decide', {})).toContain('No registered handler for update: decide')
    await expect.poll(() => currentDetails(handle)).toContain('**The last signal was refused.** trigger')
    training.release()
    const result = (await handle.result()) as RetrainResult
    expect(result).toMatchObject({ outcome: 'waiting for approval', pipeline: name })
    expect((await handle.describe()).runId).toBe(handle.firstExecutionRunId) // no successor
    await stage.client.workflow.getHandle(result.promotion!).terminate()
  })

  test('takes a right trigger among wrong ones', async () => {
    const name = aName()
    const training = stage.hold(name, 'trainModel')
    const { handle, input } = await startRun(name)
    await training.reached
    await handle.signal('trigger', null)
    await handle.signal('trigger', { ...input, by: 'another' })
    await handle.signal('trigger', { plan: null })
    training.release()
    const { promotion } = (await handle.result()) as RetrainResult
    const newest = await stage.client.workflow.getHandle(handle.workflowId).describe()
    expect(newest.runId).not.toBe(handle.firstExecutionRunId)
    await stage.client.workflow.getHandle(promotion!).terminate()
  })

  test('takes nothing after its end', async () => {
    const { handle, input } = await startRun()
    const { promotion } = (await handle.result()) as RetrainResult
    await expect(handle.signal('trigger', input)).rejects.toMatchObject(ENDED)
    expect(await refusal(handle, 'trigger', input)).toContain('WorkflowNotFoundError')
    await stage.client.workflow.getHandle(promotion!).terminate()
  })
})

describe('started by hand', () => {
  test.each(['promote', 'retrain', 'ingest', 'trigger'])('%s without its input ends in words', async (type) => {
    for (const value of [undefined, ...WRONG_VALUES]) {
      const options = { taskQueue: stage.queue, workflowId: `${type}/${aName()}`, args: [value] }
      const handle = await stage.client.workflow.start(type, options)
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'INPUT_INVALID' } })
      expect((await stage.state(handle.workflowId)).why).toContain(`${type} workflow, `)
    }
  })
})

describe('an ingest and a trigger', () => {
  test.each(['ingest', 'trigger'])('%s goes on under foreign messages', async (type) => {
    const name = aName()
    const held = stage.hold(name, type === 'ingest' ? 'ingestRanges' : 'countNewRows')
    const plan = aPlan({ name })
    const workflowId = `${type}/${name}`
    const input = { plan, trigger: { when: 'rows', rows: 5_000 } }
    const handle = await stage.client.workflow.start(type, { taskQueue: stage.queue, workflowId, args: [input] })
    await held.reached
    for (const value of WRONG_VALUES) await handle.signal('trigger', value)
    for (const payload of RAW_PAYLOADS) await signalRaw(stage.client, { workflowId, signal: 'decideSignal', payload })
    expect(await refusal(handle, 'decide', {})).toContain('No registered handler for update: decide')
    held.release()
    await handle.result()
    await expect(handle.signal('trigger')).rejects.toMatchObject(ENDED)
  })
})
