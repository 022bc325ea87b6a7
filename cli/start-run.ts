// Starts a run of a pipeline, or joins the one that goes on.
import type { Client, WorkflowHandleWithSignaledRunId } from '@temporalio/client'
import { MAIN_QUEUE, retrainWorkflowId } from '../schemas/ids.ts'
import type { Plan } from '../schemas/plan.ts'
import { RETRAIN_TRIGGER_SIGNAL, type RetrainInput, type RetrainResult } from '../schemas/run.ts'

/** Named by its type, so that the command line does not load workflow code. */
type Retrain = (input: RetrainInput) => Promise<RetrainResult>
export type RunHandle = WorkflowHandleWithSignaledRunId<Retrain>

export interface StartRun {
  readonly plan: Plan
  /** for the record: a name or what asked */
  readonly by: string
}

/** At most one run per pipeline goes on; asking while it does starts one successor if there is anything it has not seen. */
export function startRun(client: Client, { plan, by }: StartRun): Promise<RunHandle> {
  const input: RetrainInput = { plan, reason: 'person', by }
  return client.workflow.signalWithStart<Retrain, [RetrainInput]>('retrain', {
    workflowId: retrainWorkflowId(plan.name),
    taskQueue: MAIN_QUEUE,
    args: [input],
    signal: RETRAIN_TRIGGER_SIGNAL,
    signalArgs: [input],
    staticSummary: `Retrain ${plan.name}: asked by ${by}`,
  })
}
