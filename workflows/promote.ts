// One candidate waits for a person: ask, remind, decide or expire, record. The only place where a person decides about a model.
import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow'
import type { PromoteInput, PromoteResult } from '../schemas/approval.ts'
import { brief } from './proxies.ts'
import { askPeople, type End, outdated } from './question.ts'
import { supersedeOlder } from './supersede.ts'

/**
 * Result: how the question ended; every end is a normal result and stands in the ledger.
 * The first decision that arrives while the question is open counts; at the deadline it expires and nobody is reminded.
 */
export async function promote(input: PromoteInput): Promise<PromoteResult> {
  const { approval } = input.plan
  const openedAtMs = input.carried?.openedAtMs ?? Date.now()
  const deadlineMs = openedAtMs + approval.expireMs
  const question = askPeople(input, { openedAtMs, deadlineMs, reminders: input.carried?.reminders ?? 0 })

  if (input.carried === undefined) await supersedeOlder(input)
  while (question.end() === null) {
    const reminderAtMs = openedAtMs + (question.reminders() + 1) * approval.remindMs
    const wakeAtMs = Math.min(reminderAtMs, deadlineMs)
    if (await condition(() => question.end() !== null, Math.max(1, wakeAtMs - Date.now()))) break
    if (wakeAtMs === deadlineMs) question.expire()
    else await remindOnce(input, question.remind())
    if (question.end() === null && workflowInfo().continueAsNewSuggested)
      return await continueAsNew<typeof promote>({ ...input, carried: { openedAtMs, reminders: question.reminders() } })
  }
  const result = question.confirm(await record(input, question.end()!))
  await condition(allHandlersFinished)
  return result
}

/** A reminder that cannot be sent must not end the question. */
async function remindOnce({ plan, model, evaluation }: PromoteInput, reminder: number): Promise<void> {
  try {
    const summary = `reminder ${reminder}`
    const { ask } = plan.approval
    const { verdict } = evaluation
    await brief.remind.executeWithOptions({ summary, scheduleToCloseTimeout: '10 minutes' }, [
      { pipeline: plan.name, candidate: model.digest, ask, verdict, reminder },
    ])
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
  }
}

/** Appends the end to the ledger. An approval that comes after another promotion is outdated: it was judged against a model that is gone. */
async function record(input: PromoteInput, end: End): Promise<End> {
  const { plan, model, evaluation } = input
  const at = new Date().toISOString()
  const append = async (recorded: End): Promise<End> => {
    await brief.recordDecision({
      pipeline: plan.name,
      model: model.digest,
      at,
      ...recorded,
      evaluation: evaluation.sha256,
      replaces: evaluation.champion,
      commitId: `${workflowInfo().workflowId}/${workflowInfo().runId}/${recorded.state}`,
    })
    return recorded
  }
  try {
    return await append(end)
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'CHAMPION_CHANGED') throw error
    return await append(outdated(end, cause.message))
  }
}
