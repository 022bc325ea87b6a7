// How a run is asked for: start it, or tell the one that goes on.
import type { Client, WorkflowHandleWithSignaledRunId } from '@temporalio/client'
import { retrainWorkflowId, shortDigest } from '../schemas/ids.ts'
import { RETRAIN_TRIGGER_SIGNAL, type RetrainInput, type RetrainResult } from '../schemas/run.ts'

/** Named by its type, so that neither activities nor the command line load workflow code. */
type Retrain = (input: RetrainInput) => Promise<RetrainResult>
export type RunHandle = WorkflowHandleWithSignaledRunId<Retrain>

export interface AskForRun {
  readonly input: RetrainInput
  readonly taskQueue: string
}

/** Starts `retrain/<pipeline>`, or signals the run that goes on: it then starts one successor, however many ask. */
export function signalRun({ workflow }: Pick<Client, 'workflow'>, ask: AskForRun): Promise<RunHandle> {
  const signal = { signal: RETRAIN_TRIGGER_SIGNAL, signalArgs: [ask.input] as [RetrainInput] }
  return workflow.signalWithStart<Retrain, [RetrainInput]>('retrain', { ...optionsOf(ask), ...signal })
}

/**
 * What schedules do. New rows need no signal: they are still there at the next look, and the run that goes on may read them
 * itself.
 */
export async function requestRun(client: Pick<Client, 'workflow'>, ask: AskForRun): Promise<void> {
  if (ask.input.reason !== 'rows') {
    await signalRun(client, ask)
    return
  }
  const options = { ...optionsOf(ask), workflowIdConflictPolicy: 'USE_EXISTING' } as const
  await client.workflow.start<Retrain>('retrain', options)
}

/** Id, queue and the words that the UI shows. */
function optionsOf({ input, taskQueue }: AskForRun) {
  const { plan, reason, by } = input
  return {
    taskQueue,
    workflowId: retrainWorkflowId(plan.name),
    args: [input] as [RetrainInput],
    staticSummary: `Retrain ${plan.name}: ${reason === 'person' ? `asked by ${by}` : reason}`,
    staticDetails: `Asked for by ${by}. Plan \`${shortDigest(plan.fingerprint)}\`, topic \`${plan.source.topic}\`, owner ${plan.owner}.`,
  }
}
