// The question to a person under Temporal's own verbs: whatever somebody does in the UI, the ledger holds what was decided and no more,
// and a question that exists can be answered.
import { setTimeout as delay } from 'node:timers/promises'
import type { Duration } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askAgain } from '../../cli/decide-candidate.ts'
import { type PromoteInput, type PromoteResult, QUESTION_QUERY, type QuestionStatus } from '../../schemas/approval.ts'
import { promoteWorkflowId } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import { aModel, anEvaluation, aPlan, aQuestion } from './builders.ts'
import { aName, newestRun, openVerbStage, reset, resetPoints, type VerbStage } from './verbs.ts'

let stage: VerbStage
beforeAll(async () => {
  stage = await openVerbStage()
})
afterAll(async () => await stage.close())

interface AskOptions {
  readonly name?: string
  readonly approval?: Plan['approval']
  /** of the workflow, as somebody may set it who starts one in the UI; default: none */
  readonly timeout?: Duration
}

/** A question about a model and a pipeline that no other test uses. */
async function ask({ name = aName(), approval = aPlan().approval, timeout }: AskOptions = {}) {
  const { client, queue: taskQueue } = stage
  const model = aModel(aName(), name)
  const input: PromoteInput = aQuestion({
    plan: aPlan({ name, approval }),
    model,
    evaluation: anEvaluation('PASS', model),
  })
  const workflowId = promoteWorkflowId(name, model.digest)
  const limit = timeout === undefined ? {} : { workflowExecutionTimeout: timeout }
  await client.workflow.start('promote', { taskQueue, workflowId, args: [input], ...limit })
  // of whatever run is there
  const handle = client.workflow.getHandle(workflowId)
  const yes = { decision: 'approve', candidateDigest: model.digest, by: 'Ada' } as const
  const no = { decision: 'reject', candidateDigest: model.digest, by: 'Bo', reason: 'no' } as const
  return {
    name,
    input,
    workflowId,
    digest: model.digest,
    handle,
    result: () => handle.result() as Promise<PromoteResult>,
    approve: () => handle.executeUpdate<PromoteResult, [unknown]>('decide', { args: [yes] }),
    reject: () => handle.executeUpdate<PromoteResult, [unknown]>('decide', { args: [no] }),
    question: () => handle.query<QuestionStatus>(QUESTION_QUERY),
    ledger: () => stage.ledger(name),
    kinds: () => stage.kinds(name),
    state: () => stage.state(workflowId),
    askedAgain: () => askAgain(client, { workflowId, input, taskQueue }),
    async opened() {
      await expect.poll(async () => Object.keys((await stage.ledger(name)).open)).toContain(model.digest)
    },
  }
}

type Asked = Awaited<ReturnType<typeof ask>>

/** Every way in which a question ends, and what the ledger holds then. */
const ENDS: Readonly<
  Record<string, { kinds: string[]; end: (asked: Asked) => Promise<unknown>; approval?: Plan['approval'] }>
> = {
  approved: { kinds: ['proposed', 'promoted'], end: (asked) => asked.approve() },
  rejected: { kinds: ['proposed', 'rejected'], end: (asked) => asked.reject() },
  'approved by signal': {
    kinds: ['proposed', 'promoted'],
    end: async ({ handle, digest, result }) => {
      await handle.signal('decideSignal', { decision: 'approve', candidateDigest: digest, by: 'Ada' })
      await result()
    },
  },
  expired: {
    kinds: ['proposed', 'expired'],
    approval: { ask: 'nobody', remindMs: 200, expireMs: 500 },
    end: (asked) => asked.result(),
  },
  withdrawn: {
    kinds: ['proposed', 'withdrawn'],
    end: async ({ handle, result }) => {
      await handle.cancel()
      await result().catch(() => undefined)
    },
  },
}

/** An approval whose workflow is gone while its activity is on the way. */
async function terminatedWhileRecording() {
  const asked = await ask()
  await asked.opened()
  const recording = stage.hold(asked.name, 'recordDecision')
  const approving = asked.approve().catch(() => undefined)
  await recording.reached
  await asked.handle.terminate('in the midst of it')
  await approving
  return { asked, recording }
}

describe('terminate', () => {
  test('an open question is asked again, and answered', async () => {
    const asked = await ask()
    await asked.opened()
    await asked.handle.terminate('by mistake')
    expect(await asked.state()).toMatchObject({
      state: 'terminated',
      why: expect.stringMatching(/^by .+: by mistake$/),
    })
    expect((await asked.ledger()).open).toEqual({ [asked.digest]: asked.workflowId })
    await Promise.all([asked.askedAgain(), asked.askedAgain()])
    expect(await asked.state()).toMatchObject({ state: 'running' })
    expect(await asked.approve()).toMatchObject({ state: 'approved', by: 'Ada', via: 'update' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('one that timed out is asked again as well', async () => {
    const asked = await ask({ timeout: '2 seconds' })
    await asked.opened()
    await expect.poll(asked.state, { timeout: 15_000 }).toMatchObject({ state: 'timed out' })
    expect((await asked.ledger()).open).toEqual({ [asked.digest]: asked.workflowId })
    await asked.askedAgain()
    expect(await asked.reject()).toMatchObject({ state: 'rejected' })
    expect(await asked.kinds()).toEqual(['proposed', 'rejected'])
  })

  test('a decision that is being recorded stands', async () => {
    const { asked, recording } = await terminatedWhileRecording()
    recording.release() // the activity goes on without its workflow
    await expect.poll(asked.kinds).toEqual(['proposed', 'promoted'])
    await asked.askedAgain()
    expect(await asked.result()).toMatchObject({ state: 'approved', by: 'Ada', via: 'ledger' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('a decision that comes late does not undo a newer', async () => {
    const { asked, recording } = await terminatedWhileRecording()
    await asked.askedAgain()
    expect(await asked.reject()).toMatchObject({ state: 'rejected', by: 'Bo' })
    recording.release()
    await delay(500) // the first decision's activity tries to record it now
    expect(await asked.kinds()).toEqual(['proposed', 'rejected'])
  })
})

describe('cancel', () => {
  test('an open question is withdrawn', async () => {
    const asked = await ask()
    await asked.opened()
    await asked.handle.cancel()
    await expect(asked.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } })
    expect(await asked.state()).toMatchObject({ state: 'cancelled' })
    expect(await asked.question()).toMatchObject({ state: 'withdrawn', result: { via: 'cancellation' } })
    expect(await asked.ledger()).toMatchObject({ champion: null, open: {} })
    expect(await asked.kinds()).toEqual(['proposed', 'withdrawn'])
    // the next run asks again
    await asked.askedAgain()
    await asked.opened()
    await asked.approve()
    expect(await asked.kinds()).toEqual(['proposed', 'withdrawn', 'proposed', 'promoted'])
  })

  test('before it stands in the ledger it is withdrawn after', async () => {
    const name = aName()
    const putting = stage.hold(name, 'putQuestion')
    const asked = await ask({ name })
    await putting.reached
    await asked.handle.cancel()
    putting.release()
    await asked.result().catch(() => undefined)
    expect(await asked.kinds()).toEqual(['proposed', 'withdrawn'])
    expect(await asked.state()).toMatchObject({ state: 'cancelled' })
  })

  test('in the midst of a reminder it is withdrawn', async () => {
    const name = aName()
    const reminding = stage.hold(name, 'remind')
    const asked = await ask({ name, approval: { ask: 'nobody', remindMs: 100, expireMs: 60_000 } })
    await reminding.reached
    await asked.handle.cancel()
    await asked.result().catch(() => undefined)
    reminding.release()
    expect(await asked.kinds()).toEqual(['proposed', 'withdrawn'])
  })

  test('a decision that is being recorded stands', async () => {
    const asked = await ask()
    await asked.opened()
    const recording = stage.hold(asked.name, 'recordDecision')
    const approving = asked.approve()
    await recording.reached
    await asked.handle.cancel()
    recording.release()
    expect(await approving).toMatchObject({ state: 'approved', by: 'Ada' })
    expect(await asked.result()).toMatchObject({ state: 'approved' })
    expect(await asked.state()).toMatchObject({ state: 'completed' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })

  test.each(Object.keys(ENDS))('after its end (%s) nothing happens', async (how) => {
    const { kinds, end, approval } = ENDS[how]!
    const asked = await ask(approval === undefined ? {} : { approval })
    await end(asked)
    await asked.handle.cancel().catch(() => undefined)
    await asked.handle.terminate().catch(() => undefined)
    expect(await asked.kinds()).toEqual(kinds)
    expect(await asked.state()).toMatchObject({ state: how === 'withdrawn' ? 'cancelled' : 'completed' })
  })
})

describe('reset', () => {
  test.each(Object.keys(ENDS).flatMap((how) => (['all', 'none'] as const).map((reapply) => [how, reapply] as const)))(
    'after its end (%s, messages: %s) nobody is asked twice',
    async (how, reapply) => {
      const { kinds, end, approval } = ENDS[how]!
      const asked = await ask(approval === undefined ? {} : { approval })
      await asked.opened()
      await end(asked)
      const runId = await newestRun(stage.client, asked)
      const before = await asked.ledger()
      for (const to of await resetPoints({ client: stage.client, handle: asked.handle })) {
        const again = await reset(stage.client, { workflowId: asked.workflowId, runId, to, reapply })
        // to a point in the midst of the wait, its messages dropped: it waits, and whoever answers is told how it ended
        const answer = await Promise.race([
          again.result().catch(() => undefined) as Promise<PromoteResult | undefined>,
          asked.reject().catch(() => undefined),
        ])
        await again.result().catch(() => undefined)
        if (answer !== undefined && how !== 'withdrawn')
          expect(how.startsWith(answer.state), `${to}: ${answer.state}`).toBe(true)
        expect(await asked.kinds(), `reset to ${to}`).toEqual(kinds)
        expect(await asked.ledger()).toEqual(before)
      }
    },
  )

  test('a terminated question is asked again', async () => {
    const asked = await ask()
    await asked.opened()
    await asked.handle.terminate('by mistake')
    const [to] = await resetPoints({ client: stage.client, handle: asked.handle })
    await reset(stage.client, { workflowId: asked.workflowId, to: to! })
    expect(await asked.state()).toMatchObject({ state: 'running' })
    expect(await asked.approve()).toMatchObject({ state: 'approved' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('an open question stays one question', async () => {
    const asked = await ask()
    await asked.opened()
    for (let round = 0; round < 2; round++) {
      await asked.question()
      const [to] = await resetPoints({ client: stage.client, handle: asked.handle })
      await reset(stage.client, { workflowId: asked.workflowId, to: to! })
      expect(await asked.question()).toMatchObject({ state: 'open' })
    }
    expect(await asked.reject()).toMatchObject({ state: 'rejected', by: 'Bo' })
    expect(await asked.kinds()).toEqual(['proposed', 'rejected'])
  })

  test('a decision that is being recorded is made once', async () => {
    const asked = await ask()
    await asked.opened()
    const recording = stage.hold(asked.name, 'recordDecision')
    const approving = asked.approve().catch(() => undefined)
    await recording.reached
    const [to] = await resetPoints({ client: stage.client, handle: asked.handle })
    await reset(stage.client, { workflowId: asked.workflowId, to: to! })
    recording.release()
    await approving
    expect(await asked.result()).toMatchObject({ state: 'approved', by: 'Ada' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('a champion that was replaced stays replaced', async () => {
    const older = await ask()
    await older.opened()
    await older.approve()
    const runId = await newestRun(stage.client, older)
    const newer = await ask({ name: older.name })
    await newer.opened()
    await newer.reject()
    const kinds = await older.kinds()
    for (const to of await resetPoints({ client: stage.client, handle: older.handle })) {
      const again = await reset(stage.client, { workflowId: older.workflowId, runId, to })
      expect(await again.result()).toMatchObject({ state: 'approved' })
    }
    expect(await older.kinds()).toEqual(kinds)
  })

  test('a question that ended elsewhere reminds nobody', async () => {
    const asked = await ask({ approval: { ask: 'nobody', remindMs: 1_000, expireMs: 600_000 } })
    await asked.opened()
    await asked.question()
    const points = await resetPoints({ client: stage.client, handle: asked.handle })
    await asked.approve()
    // to the wait, the decision's message dropped: open in Temporal, closed in the ledger
    await reset(stage.client, { workflowId: asked.workflowId, to: points.at(-1)!, reapply: 'none' })
    expect(await asked.result()).toMatchObject({ state: 'approved', by: 'Ada', via: 'ledger' })
    expect(await asked.kinds()).toEqual(['proposed', 'promoted'])
  })
})
