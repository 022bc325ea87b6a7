// How schedules ask for a run: start it, or tell the one that goes on.
import type { Client } from '@temporalio/client'
import { retrainWorkflowId, shortDigest } from '../schemas/ids.ts'
import { RETRAIN_TRIGGER_SIGNAL, type RetrainInput, type RetrainResult } from '../schemas/run.ts'

/** Named by its type, so that activities do not load workflow code. */
type Retrain = (input: RetrainInput) => Promise<RetrainResult>

/**
 * Starts `retrain/<pipeline>`, or signals the run that goes on: it then starts one successor, however many ask.
 * New rows need no signal: they are still there at the next look, and the run that goes on may read them itself.
 */
export async function requestRun(
  { workflow }: Pick<Client, 'workflow'>,
  { input, taskQueue }: { readonly input: RetrainInput; readonly taskQueue: string },
): Promise<void> {
  const { plan, reason, by } = input
  const options = {
    taskQueue,
    workflowId: retrainWorkflowId(plan.name),
    args: [input] as [RetrainInput],
    staticSummary: `Retrain ${plan.name}: ${reason}`,
    staticDetails: `Asked for by ${by}. Plan \`${shortDigest(plan.fingerprint)}\`, topic \`${plan.source.topic}\`, owner ${plan.owner}.`,
  }
  if (reason === 'rows') {
    await workflow.start<Retrain>('retrain', { ...options, workflowIdConflictPolicy: 'USE_EXISTING' })
    return
  }
  const signal = { signal: RETRAIN_TRIGGER_SIGNAL, signalArgs: [input] as [RetrainInput] }
  await workflow.signalWithStart<Retrain, [RetrainInput]>('retrain', { ...options, ...signal })
}
