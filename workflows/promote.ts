// One candidate waits for a person: ask, remind, decide or expire, record. The only place where a person decides about a model.
import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow'
import type { PromoteInput, PromoteResult, QuestionEnd } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { requireQuestion } from './input.ts'
import { judgeWheneverStale } from './judge-again.ts'
import { brief } from './proxies.ts'
import { askPeople, type End, expired, outdated, type Question, WITHDRAWN } from './question.ts'
import { causeOf, supersedeOlder } from './supersede.ts'
import { tellQuestions } from './tell-questions.ts'

/** Names the change that a cancelled question is closed in the ledger. */
const CANCELLATION_CLOSES = 'a cancelled question is withdrawn'
/** What the ledger needs to stay true: a cancellation does not stop it half way. */
const inAnyCase = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work)

/**
 * Result: how the question ended; every end stands in the ledger. All are normal results but for a cancellation before anybody decided.
 * The first decision that arrives while the question is open counts; at the deadline it expires and nobody is reminded. A run that was
 * reset after the end says what the ledger says.
 */
export async function promote(input: PromoteInput): Promise<PromoteResult> {
  requireQuestion(input)
  const { approval } = input.plan
  const openedAtMs = input.carried?.openedAtMs ?? Date.now()
  const deadlineMs = openedAtMs + approval.expireMs
  const question = askPeople(input, { openedAtMs, deadlineMs, reminders: input.carried?.reminders ?? 0 })

  void judgeWheneverStale(question)
  const before = input.carried === undefined ? await inAnyCase(() => supersedeOlder(input)) : null
  let result = before === null ? null : question.confirm(before)
  while (result === null) {
    const cancellation = await waitForEnd(input, question, { openedAtMs, deadlineMs })
    result = await inAnyCase(() => settle(question))
    if (cancellation !== null && result?.state === 'withdrawn') throw cancellation
  }
  await inAnyCase(() => condition(allHandlersFinished))
  return result
}

interface Times {
  readonly openedAtMs: number
  readonly deadlineMs: number
}

/** Returns when the question has an end: null, or the error of a cancellation, which is one where nobody decided before. */
async function waitForEnd(input: PromoteInput, question: Question, times: Times): Promise<Error | null> {
  try {
    await remindUntilEnd(input, question, times)
    return null
  } catch (error) {
    if (!isCancellation(error) || !patched(CANCELLATION_CLOSES)) throw error
    question.endBy(WITHDRAWN)
    return error as Error
  }
}

async function remindUntilEnd(
  input: PromoteInput,
  question: Question,
  { openedAtMs, deadlineMs }: Times,
): Promise<void> {
  const { remindMs } = input.plan.approval
  while (question.end() === null) {
    const reminderAtMs = openedAtMs + (question.reminders() + 1) * remindMs
    const wakeAtMs = Math.min(reminderAtMs, deadlineMs)
    if (await condition(() => question.end() !== null, Math.max(1, wakeAtMs - Date.now()))) break
    if (wakeAtMs === deadlineMs) question.endBy(expired(deadlineMs))
    else {
      const ended = await remindOnce(question.input(), question.remind())
      if (ended !== null) question.endBy(ended)
    }
    // what is being judged again is waited for: the next run would not know of it
    if (question.end() === null && question.stale() === null && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof promote>({
        ...question.input(),
        carried: { openedAtMs, reminders: question.reminders() },
      })
  }
}

/** A reminder that cannot be sent must not end the question. Returns its end where the ledger knows one: nobody is reminded then. */
async function remindOnce({ plan, model, evaluation }: PromoteInput, reminder: number): Promise<QuestionEnd | null> {
  try {
    const summary = `reminder ${reminder}`
    const { ask } = plan.approval
    const { verdict } = evaluation
    const ended = await brief.remind.executeWithOptions({ summary, scheduleToCloseTimeout: '10 minutes' }, [
      { pipeline: plan.name, candidate: model.digest, ask, verdict, reminder },
    ])
    return ended ?? null // reminders of before said nothing
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
    return null
  }
}

/** Makes the end stand in the ledger; null where it could not, and the question is open again. */
async function settle(question: Question): Promise<PromoteResult | null> {
  const end = question.end()!
  if (end.via === 'ledger') return question.confirm(end)
  try {
    const { ended, open } = await record(question.input(), end)
    const result = question.confirm(ended) // who decided is answered before others are told
    const { candidate, by } = result
    await tellQuestions(open, { champion: candidate, why: `${by} approved ${shortDigest(candidate)}` })
    return result
  } catch (error) {
    const cause = causeOf(error)
    if (cause?.type !== 'DECISION_REFUSED') throw error
    question.reopen(cause.message)
    return null
  }
}

interface Recorded {
  /** what stands in the ledger */
  readonly ended: QuestionEnd
  /** after an approval the questions that are open beside it */
  readonly open: readonly { readonly workflowId: string }[]
}

/** Appends the end to the ledger. An approval that comes after another promotion is outdated: it was judged against a model that is gone. */
async function record(input: PromoteInput, end: End): Promise<Recorded> {
  const { plan, model, evaluation } = input
  const { workflowId, firstExecutionRunId } = workflowInfo()
  const at = new Date().toISOString()
  const append = async ({ newer, ...recorded }: End): Promise<Recorded> => {
    const open = await brief.recordDecision({
      pipeline: plan.name,
      model: model.digest,
      at,
      ...recorded,
      evaluation: evaluation.sha256,
      replaces: evaluation.champion,
      commitId: `${workflowId}/${firstExecutionRunId}/${recorded.state}`,
      ...(newer !== undefined && { newer }),
    })
    return { ended: recorded, open: open ?? [] }
  }
  try {
    return await append(end)
  } catch (error) {
    const cause = causeOf(error)
    if (cause?.type === 'QUESTION_CLOSED') return { ended: endBefore(cause.details), open: [] }
    if (cause?.type !== 'CHAMPION_CHANGED') throw error
    return await append(outdated(end, cause.message))
  }
}

/** The end that stands in the ledger, from the facts of QUESTION_CLOSED. */
function endBefore(details: readonly unknown[] | null | undefined): QuestionEnd {
  const { state, by, reason } = details![0] as Pick<QuestionEnd, 'state' | 'by' | 'reason'>
  return { state, by, reason, via: 'ledger' }
}
