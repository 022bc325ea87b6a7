// Workflows that somebody pauses in Temporal: an early feature, off by default, so on a server of this test's own.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAgain } from '../../cli/decide-candidate.ts'
import { reopenIfEnded } from '../../cli/reopen-question.ts'
import { loadConfig } from '../../core/config.ts'
import { choosePorts } from '../../infra/servers/ports.ts'
import { stop } from '../../infra/servers/process.ts'
import { LOCAL_NAMESPACE, startTemporal } from '../../infra/servers/temporal.ts'
import { promoteWorkflowId, retrainWorkflowId } from '../../schemas/ids.ts'
import type { RetrainInput, RetrainResult } from '../../schemas/run.ts'
import { aModel, anEvaluation, aPlan, aQuestion } from './builders.ts'
import { aName, openVerbStage, type VerbStage } from './verbs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-pause-'))
let stage: VerbStage
beforeAll(async () => {
  const { cacheDir } = loadConfig()
  const ports = await choosePorts(folder, {})
  await startTemporal({ cacheDir, folder, ports, say: () => {} }, ['frontend.WorkflowPauseEnabled=true'])
  const temporal = { address: `127.0.0.1:${ports.temporal}`, namespace: LOCAL_NAMESPACE, uiUrl: '' }
  stage = await openVerbStage({}, { temporal })
})
afterAll(async () => {
  await stage?.close()
  await stop(folder)
  rmSync(folder, { recursive: true })
})

const about = (workflowId: string) => ({
  ...{ namespace: LOCAL_NAMESPACE, workflowId, requestId: randomUUID() },
  ...{ identity: 'ada', reason: 'a look' },
})
const pause = (id: string) => stage.client.workflowService.pauseWorkflowExecution(about(id))
const unpause = (id: string) => stage.client.workflowService.unpauseWorkflowExecution(about(id))

async function ask() {
  const name = aName()
  const model = aModel(aName(), name)
  const input = aQuestion({ plan: aPlan({ name }), model, evaluation: anEvaluation('PASS', model) })
  const workflowId = promoteWorkflowId(name, model.digest)
  const taskQueue = stage.queue
  const handle = await stage.client.workflow.start('promote', { taskQueue, workflowId, args: [input] })
  await expect.poll(async () => Object.keys((await stage.ledger(name)).open)).toContain(model.digest)
  await handle.query('question') // it waits
  return {
    ...{ name, workflowId, handle },
    approval: { decision: 'approve', candidateDigest: model.digest, by: 'Ada' },
    waiting: { pipeline: name, candidate: model.digest, workflowId },
    askedAgain: () => askAgain(stage.client, { workflowId, input, taskQueue }),
  }
}

test('a paused question says so and is decided afterwards', async () => {
  const { name, workflowId, handle, approval, waiting } = await ask()
  await pause(workflowId)
  expect(await stage.state(workflowId)).toMatchObject({ state: 'paused', why: 'by ada: a look' })
  await expect(reopenIfEnded(loadConfig(), stage.client, waiting)).rejects.toMatchObject({
    code: 'WORKFLOW_PAUSED',
    facts: { found: 'paused (by ada: a look)' },
  })
  await expect(handle.executeUpdate('decide', { args: [approval] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('Workflow is paused') },
  })
  await handle.signal('decideSignal', approval)
  expect(await stage.kinds(name)).toEqual(['proposed'])
  await unpause(workflowId)
  expect(await handle.result()).toMatchObject({ state: 'approved', via: 'signal' })
  expect(await stage.kinds(name)).toEqual(['proposed', 'promoted'])
})

test('a paused question is withdrawn when it goes on', async () => {
  const { name, workflowId, handle } = await ask()
  await pause(workflowId)
  await handle.cancel()
  expect(await stage.state(workflowId)).toMatchObject({ state: 'paused' })
  await unpause(workflowId)
  await handle.result().catch(() => undefined)
  expect(await stage.kinds(name)).toEqual(['proposed', 'withdrawn'])
})

test('a paused question that is terminated is asked again', async () => {
  const { name, workflowId, handle, approval, askedAgain } = await ask()
  await pause(workflowId)
  await handle.terminate('enough')
  expect(await stage.state(workflowId)).toMatchObject({ state: 'terminated' })
  await askedAgain()
  await stage.client.workflow.getHandle(workflowId).executeUpdate('decide', { args: [approval] })
  expect(await stage.kinds(name)).toEqual(['proposed', 'promoted'])
})

test('a paused run goes on where it was', async () => {
  const name = aName()
  const training = stage.hold(name, 'trainModel')
  const args: [RetrainInput] = [{ plan: aPlan({ name }), reason: 'person', by: 'a test' }]
  const workflowId = retrainWorkflowId(name)
  const handle = await stage.client.workflow.start('retrain', { taskQueue: stage.queue, workflowId, args })
  await training.reached
  await pause(workflowId)
  training.release()
  expect(await stage.state(workflowId)).toMatchObject({ state: 'paused', why: 'by ada: a look' })
  await handle.signal('trigger', args[0])
  expect(await stage.kinds(name)).toEqual([])
  await unpause(workflowId)
  expect((await handle.result()) as RetrainResult).toMatchObject({ outcome: 'waiting for approval' })
  expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId) // the trigger's run
  expect(await stage.kinds(name)).toEqual(['proposed'])
})
