// The open question: its update, signals and query, and what the Temporal UI shows about it.
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import {
  DECIDE_DESCRIPTION,
  DECIDE_SIGNAL,
  DECIDE_SIGNAL_DESCRIPTION,
  DECIDE_UPDATE,
  type DecideInput,
  GATE_QUERY,
  type GateState,
  type GateStatus,
  type PromoteInput,
  type PromoteResult,
  SUPERSEDE_SIGNAL,
  type SupersedeInput,
} from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { attribute } from './attributes.ts'
import { type Question, type Read, readDecision } from './decision.ts'

/** How the question ends. */
export type Closing = Pick<PromoteResult, 'by' | 'reason' | 'via'> & { readonly state: Exclude<GateState, 'open'> }

export interface Gate {
  /** null: still open */
  closing(): Closing | null
  reminders(): number
  /** Counts one more reminder and returns its number. */
  remind(): number
  expire(): void
  /** Called once, when the end is recorded: answers those who sent the decision. */
  close(recorded: Closing): PromoteResult
}

interface Wait {
  readonly openedAtMs: number
  readonly deadlineMs: number
  readonly reminders: number
}

/** Opens the gate: from here on people can look, decide, and a newer candidate can supersede this one. */
export function answerPeople(input: PromoteInput, wait: Wait): Gate {
  let closing: Closing | null = null
  let result: PromoteResult | null = null
  let { reminders } = wait
  const candidate = input.model.digest
  const question = questionOf(input)
  const show = (): void => publish(input, { state: closing?.state ?? 'open', closing, reminders, wait })
  const settle = (next: Closing): void => {
    closing ??= next // the first answer counts
    show()
  }
  const read = (typed: unknown): Read =>
    closing === null
      ? readDecision(question, typed)
      : { ok: false, why: `this question is ${closing.state}: nothing more to decide` }
  const status = (): GateStatus => ({
    state: closing?.state ?? 'open',
    pipeline: input.plan.name,
    candidate,
    champion: input.evaluation.champion,
    verdict: input.evaluation.verdict,
    reminders,
    result,
    openedAt: new Date(wait.openedAtMs).toISOString(),
    expiresAt: new Date(wait.deadlineMs).toISOString(),
  })
  handleMessages({
    read,
    settle,
    status,
    answer: async () => {
      await condition(() => result !== null)
      return result!
    },
  })
  show()
  return {
    closing: () => closing,
    reminders: () => reminders,
    remind() {
      reminders++
      show()
      return reminders
    },
    expire: () =>
      settle({
        state: 'expired',
        by: 'sluice',
        reason: `nobody decided by ${new Date(wait.deadlineMs).toISOString()}`,
        via: 'timer',
      }),
    close(recorded) {
      closing = recorded
      result = { ...recorded, candidate, reminders }
      show()
      return result
    },
  }
}

interface Messages {
  read(typed: unknown): Read
  settle(closing: Closing): void
  status(): GateStatus
  /** resolves when the decision stands in the ledger */
  answer(): Promise<PromoteResult>
}

function handleMessages({ read, settle, status, answer }: Messages): void {
  setHandler(defineQuery<GateStatus>(GATE_QUERY), status, {
    description: 'State of the question, when it expires, and its result',
  })
  setHandler(
    defineUpdate<PromoteResult, [DecideInput]>(DECIDE_UPDATE),
    async (typed) => {
      settle(decided(read(typed), 'update'))
      return await answer()
    },
    { description: DECIDE_DESCRIPTION, validator: (typed) => void decided(read(typed), 'update') },
  )
  setHandler(
    defineSignal<[DecideInput]>(DECIDE_SIGNAL),
    (typed) => {
      const outcome = read(typed)
      if (outcome.ok) settle(decided(outcome, 'signal'))
      else log.warn('a decision sent as a signal was refused', { why: outcome.why })
    },
    { description: DECIDE_SIGNAL_DESCRIPTION },
  )
  setHandler(
    defineSignal<[SupersedeInput]>(SUPERSEDE_SIGNAL),
    ({ by }) =>
      settle({
        state: 'superseded',
        by: 'sluice',
        reason: `candidate ${shortDigest(by)} is newer`,
        via: 'supersession',
      }),
    { description: 'Closes the question because a newer candidate is asked about' },
  )
}

/** Throws DECISION_REFUSED; its message is what the person sees. */
function decided(read: Read, via: 'update' | 'signal'): Closing {
  if (!read.ok) {
    const refusal = ApplicationFailure.nonRetryable(read.why, 'DECISION_REFUSED')
    refusal.stack = '' // the UI would print it, file paths included, under the message
    throw refusal
  }
  const { decision, by, reason } = read.value
  return { state: decision === 'approve' ? 'approved' : 'rejected', by, reason, via }
}

function questionOf({ model, evaluation }: PromoteInput): Question {
  const undecided = evaluation.gates.filter(({ verdict }) => verdict === 'INCONCLUSIVE').map(({ name }) => name)
  return { candidate: model.digest, verdict: evaluation.verdict, undecided }
}

interface Shown {
  readonly state: GateState
  readonly closing: Closing | null
  readonly reminders: number
  readonly wait: Wait
}

function publish(input: PromoteInput, { state, closing, reminders, wait }: Shown): void {
  const open = closing === null
  upsertSearchAttributes([
    attribute('SluicePipeline', input.plan.name),
    attribute('SluiceStage', 'promote'),
    attribute('SluiceVerdict', input.evaluation.verdict),
    attribute('SluiceCandidate', input.model.digest),
    attribute('SluiceWaiting', open),
  ])
  const until = new Date(wait.deadlineMs).toISOString()
  const headline = open
    ? `# Waits for ${input.plan.approval.ask} until ${until}${reminders === 0 ? '' : ` (${reminders} reminders)`}`
    : `# ${state}: ${closing.reason || 'no reason given'} (${closing.by}, via ${closing.via})`
  setCurrentDetails(`${headline}\n\n${input.summary}`)
}
