// Finds the candidate that waits and sends a person's decision about it.
import {
  ApplicationFailure,
  type Client,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { readLedger } from '../lake/ledger.ts'
import {
  DECIDE_SIGNAL,
  DECIDE_UPDATE,
  type DecideInput,
  type PromoteInput,
  type PromoteResult,
  questionTitle,
} from '../schemas/approval.ts'
import { failure } from '../schemas/failures.ts'
import { MAIN_QUEUE, shortDigest } from '../schemas/ids.ts'
import { requireWorker, withStore } from './clients.ts'

/** A worker that died a moment ago still looks alive to the server; without an answer it is taken for dead. */
const DECIDE_WITHIN_MS = 60_000

export interface Waiting {
  readonly pipeline: string
  /** digest */
  readonly candidate: string
  readonly workflowId: string
}

/**
 * The candidate meant by a pipeline's name or a workflow id `promote/<pipeline>/<digest>`, and optionally the start of a digest.
 * Throws NOTHING_TO_DECIDE when none waits, DECISION_REFUSED when it is not clear which.
 */
export async function findWaiting(config: Config, target: string, digest?: string): Promise<Waiting> {
  const [pipeline, fromId] = target.startsWith('promote/') ? splitId(target) : [target, undefined]
  const wanted = (digest ?? fromId ?? '').toLowerCase()
  const { state } = await withStore(config, (store) => readLedger(store, pipeline))
  const open = Object.entries(state.open).map(([candidate, workflowId]) => ({ pipeline, candidate, workflowId }))
  const matching = open.filter(({ candidate }) => candidate.startsWith(wanted))
  if (matching.length === 1) return matching[0]!
  const names = open.map(({ candidate }) => shortDigest(candidate)).join(', ')
  if (open.length === 0) throw failure('NOTHING_TO_DECIDE', { pipeline, found: 'none' })
  const which = wanted === '' ? 'several candidates wait' : `no single candidate starts with ${wanted}`
  throw failure('DECISION_REFUSED', { detail: `${which}: name one of ${names} with --digest` })
}

function splitId(workflowId: string): [pipeline: string, digest: string | undefined] {
  const [, pipeline = '', digest] = workflowId.split('/')
  return [pipeline, digest]
}

/** Sends the Update and waits until the decision stands in the ledger. Throws WORKER_MISSING, DECISION_REFUSED, DECISION_UNANSWERED, WORKFLOW_UNKNOWN. */
export async function decide(client: Client, waiting: Waiting, input: DecideInput): Promise<PromoteResult> {
  // without a worker an Update would wait for ever
  await requireWorker(client, MAIN_QUEUE)
  const handle = client.workflow.getHandle(waiting.workflowId)
  try {
    return await client.withDeadline(Date.now() + DECIDE_WITHIN_MS, () =>
      handle.executeUpdate<PromoteResult, [DecideInput]>(DECIDE_UPDATE, { args: [input] }),
    )
  } catch (error) {
    throw asFailure(error, waiting)
  }
}

/** Leaves the decision in the workflow's mailbox: taken up when a worker runs, refused there silently if it does not fit. */
export async function decideLater(client: Client, waiting: Waiting, input: DecideInput): Promise<void> {
  await client.workflow
    .getHandle(waiting.workflowId)
    .signal<[DecideInput]>(DECIDE_SIGNAL, input)
    .catch((error: unknown) => {
      throw asFailure(error, waiting)
    })
}

/** Named by its type, so that the command line does not load workflow code. */
type Promote = (input: PromoteInput) => Promise<PromoteResult>

/** Starts the workflow of a question that nobody asks. Two at once ask once. */
export async function askAgain(
  client: Client,
  { workflowId, input, taskQueue = MAIN_QUEUE }: { workflowId: string; input: PromoteInput; taskQueue?: string },
): Promise<void> {
  await client.workflow.start<Promote>('promote', {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    ...questionTitle(input),
  })
}

function asFailure(error: unknown, { pipeline, workflowId }: Waiting): unknown {
  // the ledger knows the question and Temporal does not: it ended, or its namespace is another one
  if (error instanceof WorkflowNotFoundError) return failure('WORKFLOW_UNKNOWN', { workflow: workflowId }, error)
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return failure('WORKER_MISSING', { queue: MAIN_QUEUE }, error)
  }
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error
    const detail = cause instanceof Error ? cause.message : error.message
    if (cause instanceof ApplicationFailure && cause.type === 'DECISION_REFUSED')
      return failure('DECISION_REFUSED', { detail }, error)
    // its workflow was ended or reset while it recorded the decision
    return failure('DECISION_UNANSWERED', { pipeline, workflow: workflowId, detail }, error)
  }
  return error
}
