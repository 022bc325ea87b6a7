// The moment that a demo is about: a candidate waits, a person decides.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { Config } from '../../core/config.ts'
import { QUESTION_QUERY, type QuestionState, type QuestionStatus } from '../../schemas/approval.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { requireEndpoints } from '../clients.ts'
import { decide, type Waiting } from '../decide-candidate.ts'
import type { Output } from '../output/output.ts'
import { howToDecide, questionPage } from '../question-page.ts'
import { userName } from '../user-name.ts'
import { workflowState } from '../workflow-state.ts'

const LOOK_EVERY_MS = 1_000

export interface AwaitDecision {
  readonly client: Client
  readonly config: Config
  readonly waiting: Waiting
  /** true: do what the person would do */
  readonly approve: boolean
  readonly output: Output
  readonly signal: AbortSignal
}

/** Resolves when the question is closed, by whomever. */
export async function awaitDecision(options: AwaitDecision): Promise<QuestionState> {
  const { client, config, waiting, approve, output, signal } = options
  const { candidate, pipeline, workflowId } = waiting
  if (approve) {
    const input = { decision: 'approve', candidateDigest: candidate, reason: 'demo --approve', by: userName() } as const
    return (await decide(client, waiting, input)).state
  }
  output.line(`\ncandidate ${shortDigest(candidate)} waits for approval: open`)
  output.line(`  ${await questionPage(client, requireEndpoints(config), workflowId)}`)
  for (const line of howToDecide(pipeline)) output.line(line)
  return pollQuestion(client, workflowId, signal)
}

async function pollQuestion(client: Client, workflowId: string, signal: AbortSignal): Promise<QuestionState> {
  const handle = client.workflow.getHandle(workflowId)
  for (;;) {
    signal.throwIfAborted()
    // a worker that restarts cannot answer for a moment
    const status = await handle.query<QuestionStatus>(QUESTION_QUERY).catch(() => null)
    if (status !== null && status.result !== null) return status.state
    const { state } = await workflowState(client, workflowId)
    if (state === 'terminated') throw failure('RUN_STOPPED', { what: `the question ${workflowId}`, how: state })
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}
