// Where and until when a question can be answered: the link for a person, and the time that is left.
import type { Client } from '@temporalio/client'
import { QUESTION_QUERY, type QuestionStatus } from '../schemas/approval.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { showDistance, showTime } from '../schemas/point-in-time.ts'
import type { Verdict } from '../schemas/verdict.ts'
import { questionUrl } from './clients.ts'

/** Its workflow answers in milliseconds where a worker is well. */
const ANSWER_WITHIN_MS = 1_000

/** The link to what the newest run asks. Throws what Temporal's client throws. */
export async function questionPage(client: Client, endpoints: Endpoints, workflowId: string): Promise<string> {
  const { runId } = await client.workflow.getHandle(workflowId).describe()
  return questionUrl(endpoints, workflowId, runId)
}

/** RFC 3339; null: it is open no more, or no worker answers. */
export async function expiryOf(client: Client, workflowId: string): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId)
  const status = await client
    .withDeadline(Date.now() + ANSWER_WITHIN_MS, () => handle.query<QuestionStatus>(QUESTION_QUERY))
    .catch(() => null)
  return status?.state === 'open' ? status.expiresAt : null
}

/** "until Mon 7 Dec 2026, 14:00 UTC, in 6 days"; '' where it is not known. */
export function describeExpiry(expiresAt: string | null | undefined, nowMs: number = Date.now()): string {
  if (!expiresAt) return ''
  const atMs = Date.parse(expiresAt)
  return `until ${showTime(atMs)}, ${showDistance(atMs, nowMs)}`
}

/** The two ways, for who has just got the link. */
export function howToDecide(pipeline: string, verdict?: Verdict): string[] {
  // needed for an INCONCLUSIVE candidate, and worth saying for any: the ledger keeps it
  const reason = verdict === 'INCONCLUSIVE' ? 'why it may go live all the same' : 'looks good'
  return [
    'next: read it there, then More Actions → Send an Update → decide;',
    `      or \`sluice approve ${pipeline} --reason "${reason}"\``,
  ]
}
