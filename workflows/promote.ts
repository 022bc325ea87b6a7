// One candidate waits for a person: ask, remind, decide or expire, record. The only place where a human decides.
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
import { answerPeople, type Closing } from './question.ts'
import { supersedeOlder } from './supersede.ts'

/**
 * Result: how the question ended; every end is a normal result and stands in the ledger.
 * The first decision that arrives while the question is open counts; at the deadline it expires and nobody is reminded.
 */
export async function promote(input: PromoteInput): Promise<PromoteResult> {
  const { approval } = input.plan
  const openedAtMs = input.carried?.openedAtMs ?? Date.now()
  const deadlineMs = openedAtMs + approval.expireMs
  const gate = answerPeople(input, { openedAtMs, deadlineMs, reminders: input.carried?.reminders ?? 0 })

  if (input.carried === undefined) await supersedeOlder(input)
  while (gate.closing() === null) {
    const reminderAtMs = openedAtMs + (gate.reminders() + 1) * approval.remindMs
    const wakeAtMs = Math.min(reminderAtMs, deadlineMs)
    if (await condition(() => gate.closing() !== null, Math.max(1, wakeAtMs - Date.now()))) break
    if (wakeAtMs === deadlineMs) gate.expire()
    else await remindOnce(input, gate.remind())
    if (gate.closing() === null && workflowInfo().continueAsNewSuggested)
      return await continueAsNew<typeof promote>({ ...input, carried: { openedAtMs, reminders: gate.reminders() } })
  }
  const result = gate.close(await record(input, gate.closing()!))
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

/** Appends the end to the ledger. An approval that comes after another promotion is refused: it was judged against a model that is gone. */
async function record(input: PromoteInput, closing: Closing): Promise<Closing> {
  const { plan, model, evaluation } = input
  const base = { pipeline: plan.name, model: model.digest, at: new Date().toISOString() }
  try {
    await brief.recordDecision({
      ...base,
      ...closing,
      evaluation: evaluation.sha256,
      replaces: evaluation.champion,
      commitId: `${workflowInfo().workflowId}/${workflowInfo().runId}/${closing.state}`,
    })
    return closing
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'CHAMPION_CHANGED') throw error
    const outdated: Closing = { ...closing, state: 'outdated', via: 'ledger', reason: cause.message }
    await brief.recordDecision({
      ...base,
      ...outdated,
      evaluation: evaluation.sha256,
      replaces: evaluation.champion,
      commitId: `${workflowInfo().workflowId}/${workflowInfo().runId}/outdated`,
    })
    return outdated
  }
}
