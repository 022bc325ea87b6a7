// What the Temporal UI shows of a question: current details, and the search attributes of the inbox.
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import type { PromoteInput, QuestionEnd } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { showSpan, showTime } from '../schemas/point-in-time.ts'
import type { ChampionChanged } from '../schemas/rollback.ts'
import { attribute } from './attributes.ts'

export interface Wait {
  readonly openedAtMs: number
  readonly deadlineMs: number
  readonly reminders: number
}

/** Another model is live than the one that the candidate was judged against. */
export interface Stale extends ChampionChanged {
  /** why it could not be judged again; null: it is being judged, or will be */
  readonly failed: string | null
}

export interface Shown {
  readonly end: QuestionEnd | null
  readonly reminders: number
  readonly wait: Wait
  /** why the last signal was refused; null: none was */
  readonly refused: string | null
  readonly stale: Stale | null
  /** what happened to the question since it was put, a sentence each */
  readonly news: readonly string[]
}

/** What inboxes and other lists filter by. */
export function publish(input: PromoteInput, end: QuestionEnd | null): void {
  upsertSearchAttributes([
    attribute('SluicePipeline', input.plan.name),
    attribute('SluiceStage', 'promote'),
    attribute('SluiceVerdict', input.evaluation.verdict),
    attribute('SluiceCandidate', input.model.digest),
    attribute('SluiceWaiting', end === null),
  ])
}

/** What a person reads in the Temporal UI; leaves nothing in the history. */
export function describe(input: PromoteInput, { end, reminders, wait, refused, stale, news }: Shown): void {
  const headline = end === null ? waitsFor(input, reminders, wait) : `## ${ended(end)}`
  const refusal = refused === null ? [] : [`**The last signal was refused.** ${refused}`]
  const open = end === null ? [...(stale === null ? [] : [staleWords(input, stale)]), ...news] : afterwards(input, end)
  setCurrentDetails([headline, ...refusal, ...open, input.summary].join('\n\n'))
}

function afterwards({ plan }: PromoteInput, { state }: QuestionEnd): string[] {
  return state === 'approved' ? [`If it was a mistake: \`sluice rollback ${plan.name} --reason "…"\``] : []
}

/** Why an approval would be of yesterday. */
export function staleWords({ plan, evaluation }: PromoteInput, { champion, why, failed }: Stale): string {
  const compared = evaluation.champion === null ? 'nothing' : shortDigest(evaluation.champion)
  const what = `**${why}.** This candidate was compared with ${compared}; live is now ${shortDigest(champion)}.`
  return failed === null
    ? `${what} It is judged again, against the live model; until then it cannot be approved.`
    : `${what} It could not be judged again (${failed}) and cannot be approved: reject it, or \`sluice run ${plan.name}\` for a candidate of today.`
}

/** The text stays as it is until something happens: times by the clock and from one another, none of them from now. */
function waitsFor({ plan }: PromoteInput, reminders: number, { openedAtMs, deadlineMs }: Wait): string {
  const reminded = reminders === 0 ? '' : ` Reminders so far: ${reminders}.`
  return [
    `## Waits for ${plan.approval.ask} until ${showTime(deadlineMs)}`,
    '',
    `Asked ${showTime(openedAtMs)}. Without a decision it expires ${showSpan(deadlineMs - openedAtMs)} later, and what is in service stays.${reminded}`,
  ].join('\n')
}

function ended({ state, reason, by, via }: QuestionEnd): string {
  return `${state}: ${reason || 'no reason given'} (${by}, via ${via})`
}
