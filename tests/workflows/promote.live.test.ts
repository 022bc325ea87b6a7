// The question to a person on a real Temporal server: decide, refuse, remind, expire, supersede, record.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { appendLedger, readLedger } from '../../lake/ledger.ts'
import type { PromoteInput, PromoteResult, QuestionStatus } from '../../schemas/approval.ts'
import { promoteWorkflowId } from '../../schemas/ids.ts'
import type { promote } from '../../workflows/promote.ts'
import { aModel, anEvaluation, aPlan, aQuestion } from './builders.ts'
import { openStage, type Stage } from './stage.ts'
import { currentDetails } from './verbs.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir })
})
afterAll(async () => await stage.close())

/** A question about a model and a pipeline that no other test uses. */
async function ask(changes: Partial<PromoteInput> = {}, approval = aPlan().approval) {
  const name = changes.plan?.name ?? `demo-${randomUUID().slice(0, 8)}`
  const model = changes.model ?? aModel(randomUUID(), name)
  const input = aQuestion({
    plan: aPlan({ name, approval }),
    model,
    evaluation: anEvaluation('PASS', model),
    ...changes,
  })
  const workflowId = promoteWorkflowId(name, model.digest)
  const handle = await stage.client.workflow.start<typeof promote>('promote', {
    taskQueue: stage.queue,
    workflowId,
    args: [input],
  })
  const decide = (typed: unknown): Promise<PromoteResult> =>
    handle.executeUpdate<PromoteResult, [unknown]>('decide', { args: [typed] })
  const refusal = async (typed: unknown): Promise<string> => {
    const error = await decide(typed).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    return (error?.cause as Error | undefined)?.message ?? 'accepted'
  }
  const ledger = async () => (await readLedger(stage.store, name)).state
  return { handle, name, digest: model.digest, decide, refusal, ledger, input }
}

test('an approval makes the candidate the champion', async () => {
  const { decide, digest, ledger, handle } = await ask()
  const result = await decide({ decision: 'approve', candidateDigest: digest, by: 'Ada' })
  expect(result).toMatchObject({ state: 'approved', by: 'Ada', via: 'update', candidate: digest })
  expect(await ledger()).toMatchObject({ champion: digest, open: {} })
  expect(await handle.result()).toEqual(result)
})

test('a hurried approval is understood', async () => {
  const { decide, digest } = await ask()
  const result = await decide({
    decision: ' APPROVED ',
    candidateDigest: ` sha256:${digest.slice(0, 12).toUpperCase()} `,
  })
  expect(result).toMatchObject({ state: 'approved', by: 'not stated' })
})

test('wrong input is refused in words', async () => {
  const { refusal, digest, handle } = await ask()
  const other = aModel('another').digest
  expect(await refusal({ decision: 'approve', candidateDigest: other })).toContain(
    'another candidate, or a stale approval',
  )
  expect(await refusal({ decision: 'approve', candidateDigest: digest.slice(0, 8) })).toContain('at least 12 digits')
  expect(await refusal({ decision: 'maybe', candidateDigest: digest })).toContain(
    'expected "approve" or "reject", found "maybe"',
  )
  expect(await refusal({ decision: 'reject', candidateDigest: digest })).toContain('a rejection needs a reason')
  expect(await refusal(null)).toContain('expected one JSON object')
  expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'open', result: null })
  await handle.terminate()
})

test('a failed candidate cannot be approved', async () => {
  const model = aModel(randomUUID())
  const { refusal, decide, digest } = await ask({ model, evaluation: anEvaluation('FAIL', model) })
  expect(await refusal({ decision: 'approve', candidateDigest: digest, reason: 'please' })).toContain(
    'failed its gates',
  )
  expect(await decide({ decision: 'reject', candidateDigest: digest, reason: 'failed' })).toMatchObject({
    state: 'rejected',
  })
})

test('approving an INCONCLUSIVE candidate needs a reason', async () => {
  const model = aModel(randomUUID())
  const { refusal, decide, digest } = await ask({ model, evaluation: anEvaluation('INCONCLUSIVE', model) })
  expect(await refusal({ decision: 'approve', candidateDigest: digest })).toContain('INCONCLUSIVE (accuracy ≥ 0.9)')
  const result = await decide({ decision: 'approve', candidateDigest: digest, reason: 'small but fine' })
  expect(result).toMatchObject({ state: 'approved', reason: 'small but fine' })
})

test('the first of two decisions counts', async () => {
  const { decide, digest } = await ask()
  const both = await Promise.allSettled([
    decide({ decision: 'approve', candidateDigest: digest }),
    decide({ decision: 'reject', candidateDigest: digest, reason: 'no' }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a signal decides as well', async () => {
  const { handle, digest, ledger } = await ask()
  await handle.signal('decideSignal', { decision: 'reject', candidateDigest: 'nonsense' })
  await handle.signal('decideSignal', { decision: 'reject', reason: 'too slow', candidateDigest: digest, by: 'Bo' })
  expect(await handle.result()).toMatchObject({ state: 'rejected', reason: 'too slow', via: 'signal', by: 'Bo' })
  expect((await ledger()).last[digest]).toBe('rejected')
})

test('nobody is reminded at the deadline', async () => {
  const { handle, ledger, digest } = await ask({}, { ask: 'nobody', remindMs: 400, expireMs: 1_200 })
  expect(await handle.result()).toMatchObject({ state: 'expired', reminders: 2, via: 'timer' })
  expect(await ledger()).toMatchObject({ champion: null, open: {}, last: { [digest]: 'expired' } })
})

test('a newer candidate supersedes the older', async () => {
  const older = await ask()
  await expect.poll(async () => Object.keys((await older.ledger()).open)).toEqual([older.digest])
  const newer = await ask({ plan: older.input.plan })
  expect(await older.handle.result()).toMatchObject({ state: 'superseded', via: 'supersession' })
  await expect.poll(async () => Object.keys((await newer.ledger()).open)).toEqual([newer.digest])
  expect(await newer.handle.query<QuestionStatus>('question')).toMatchObject({ state: 'open' })
  await newer.handle.terminate()
})

test('a supersession comes too late after a decision', async () => {
  const recording = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const own = await openStage({
    endpoints: inject('endpoints'),
    cacheDir: loadConfig().cacheDir,
    activities: {
      recordDecision: async () => {
        recording.resolve()
        await release.promise
      },
    },
  })
  try {
    const input = aQuestion({ plan: aPlan({ name: own.pipeline }) })
    const handle = await own.client.workflow.start<typeof promote>('promote', {
      taskQueue: own.queue,
      workflowId: promoteWorkflowId(own.pipeline, input.model.digest),
      args: [input],
    })
    await handle.signal('decideSignal', { decision: 'approve', candidateDigest: input.model.digest })
    await recording.promise
    await handle.signal('supersede', { by: aModel('newer').digest })
    expect(await handle.query<QuestionStatus>('question')).toMatchObject({ state: 'approved' })
    release.resolve()
    expect(await handle.result()).toMatchObject({ state: 'approved', via: 'signal' })
  } finally {
    release.resolve()
    await own.close()
  }
})

test('a terminated question does not stay open', async () => {
  const older = await ask()
  await expect.poll(async () => Object.keys((await older.ledger()).open)).toEqual([older.digest])
  await older.handle.terminate()
  const newer = await ask({ plan: older.input.plan })
  await expect.poll(async () => Object.keys((await newer.ledger()).open)).toEqual([newer.digest])
  expect((await newer.ledger()).last[older.digest]).toBe('superseded')
  await newer.handle.terminate()
})

test('an approval after another promotion is outdated', async () => {
  const { decide, digest, ledger, name } = await ask()
  await expect.poll(async () => Object.keys((await ledger()).open)).toEqual([digest])
  const decision = { by: 'Cy', identity: 'stated', reason: 'first', at: new Date().toISOString() } as const
  const other = aModel('other').digest
  await appendLedger(stage.store, {
    pipeline: name,
    commitId: 'elsewhere',
    decide: () => ({ kind: 'promoted', model: other, evaluation: 'e', replaces: null, ...decision }),
  })
  const result = await decide({ decision: 'approve', candidateDigest: digest })
  expect(result).toMatchObject({ state: 'outdated', via: 'ledger' })
  expect(result.reason).toContain('live is now')
  expect(await ledger()).toMatchObject({ champion: other, open: {} })
})

test('a closed question cannot be decided again', async () => {
  const { handle, digest, decide } = await ask()
  await decide({ decision: 'approve', candidateDigest: digest })
  const late = await handle.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: digest }] }).then(
    () => 'accepted',
    (error: Error) => error.message,
  )
  expect(late).not.toBe('accepted')
  expect((await handle.query<QuestionStatus>('question')).result).toMatchObject({ state: 'approved' })
})

test('an approval is shown as done within a second', async () => {
  const tookMs: number[] = []
  for (let i = 0; i < 3; i++) {
    const { name, decide, digest, handle } = await ask()
    const inbox = async () =>
      (await stage.client.workflow.count(`SluiceWaiting=true AND SluicePipeline="${name}"`)).count
    await expect.poll(inbox, { timeout: 10_000 }).toBe(1)
    const sentMs = performance.now()
    expect(await decide({ decision: 'approve', candidateDigest: digest, by: 'Ada' })).toMatchObject({
      state: 'approved',
    })
    expect(await currentDetails(handle)).toContain('## approved: no reason given (Ada, via update)')
    await expect.poll(inbox, { interval: 10 }).toBe(0)
    expect((await handle.describe()).status.name).toBe('COMPLETED')
    tookMs.push(performance.now() - sentMs)
  }
  // a busy machine may be slow once
  expect(Math.min(...tookMs)).toBeLessThan(1_000)
})

test('an open question is in the inbox', async () => {
  const { name, handle } = await ask()
  const query = `SluiceWaiting=true AND SluicePipeline="${name}"`
  await expect.poll(async () => (await stage.client.workflow.count(query)).count, { timeout: 10_000 }).toBe(1)
  await handle.terminate()
})
