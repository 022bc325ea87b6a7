// What a person is told whose decision got no answer: it may have been recorded all the same.
import { ApplicationFailure, type Client, WorkflowUpdateFailedError } from '@temporalio/client'
import { expect, test } from 'vitest'
import { decide } from '../../cli/decide-candidate.ts'

const waiting = { pipeline: 'demo', candidate: 'c'.repeat(64), workflowId: 'promote/demo/c' }

/** A server with a worker, on which the Update fails. */
function clientThat(fails: Error): Client {
  const pollers = [{ lastAccessTime: { seconds: Date.now() / 1_000 } }]
  return {
    options: { namespace: 'n' },
    connection: { workflowService: { describeTaskQueue: async () => ({ pollers }) } },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflow: { getHandle: () => ({ executeUpdate: () => Promise.reject(fails) }) },
  } as unknown as Client
}

const failed = (cause: Error) => new WorkflowUpdateFailedError('Workflow Update failed', cause)
const send = (fails: Error) =>
  decide(clientThat(fails), waiting, { decision: 'approve', candidateDigest: waiting.candidate })

test('a refusal is a refusal', async () => {
  const cause = ApplicationFailure.nonRetryable('a rejection needs a reason', 'DECISION_REFUSED')
  await expect(send(failed(cause))).rejects.toMatchObject({
    code: 'DECISION_REFUSED',
    message: 'a rejection needs a reason',
  })
})

test('an end before the answer is none', async () => {
  const cause = ApplicationFailure.nonRetryable('the Workflow completed before the Update completed')
  await expect(send(failed(cause))).rejects.toMatchObject({
    code: 'DECISION_UNANSWERED',
    next: '`sluice models demo` shows whether it was recorded; if not, send it again',
  })
})
