// Another model went live while a question is open: the candidate is judged against that one, so that it stays decidable.
import { ActivityFailure, condition, isCancellation } from '@temporalio/workflow'
import { brief, trainerFor } from './proxies.ts'
import type { Question } from './question.ts'
import { causeOf } from './supersede.ts'

/** Goes on beside the wait, for as long as the question is open. Never rejects. */
export async function judgeWheneverStale(question: Question): Promise<void> {
  try {
    for (;;) {
      await condition(() => question.end() !== null || toJudge(question))
      if (question.end() !== null) return
      await judgeAgain(question)
    }
  } catch {
    // a cancellation: it ends the question as well
  }
}

const toJudge = (question: Question): boolean => question.stale()?.failed === null

async function judgeAgain(question: Question): Promise<void> {
  const { plan, model } = question.input()
  const because = question.stale()!
  try {
    const { champion } = await brief.readStanding({ pipeline: plan.name, candidate: model.digest })
    const dataset = await brief.readDataset({ digest: model.dataset })
    const { evaluateCandidate } = trainerFor(plan.train.device)
    const { value: evaluation } = await evaluateCandidate({ plan, dataset, model, champion })
    const summary = await brief.summarise({ plan, snapshot: null, model, evaluation })
    if (question.end() === null) question.judgedAgain({ evaluation, summary }, because)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
    question.cannotJudge(causeOf(error)?.message ?? error.message)
  }
}
