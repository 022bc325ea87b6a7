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
  type PromoteInput,
  type PromoteResult,
  QUESTION_QUERY,
  type QuestionState,
  type QuestionStatus,
  SUPERSEDE_SIGNAL,
  type SupersedeInput,
} from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { attribute } from './attributes.ts'
import { type Asked, type Decided, type Read, readDecision } from './decision.ts'

/** How the question ended. */
export type End = Pick<PromoteResult, 'by' | 'reason' | 'via'> & { readonly state: Exclude<QuestionState, 'open'> }

export interface Question {
  /** null: still open */
  end(): End | null
  reminders(): number
  /** Counts one more reminder and returns its number. */
  remind(): number
  /** Ends it at its deadline. */
  expire(): void
  /** Called once, when the end stands in the ledger: answers those who sent the decision. */
  confirm(recorded: End): PromoteResult
}

interface Wait {
  readonly openedAtMs: number
  readonly deadlineMs: number
  readonly reminders: number
}

/** Puts the question: from here on people can look, decide, and a newer candidate can supersede this one. The first end counts. */
export function askPeople(input: PromoteInput, wait: Wait): Question {
  let end: End | null = null
  let result: PromoteResult | null = null
  let { reminders } = wait
  const candidate = input.model.digest
  const asked = askedOf(input)
  const show = (): void => publish(input, { end, reminders, wait })
  const endBy = (next: End): void => {
    end ??= next
    show()
  }
  handleMessages({
    read: (typed) =>
      end === null
        ? readDecision(asked, typed)
        : { ok: false, why: `this question is ${end.state}: nothing more to decide` },
    decide: (decision, via) => endBy(decided(decision, via)),
    supersede: (newer) => endBy(superseded(newer)),
    status: () => ({
      state: end?.state ?? 'open',
      pipeline: input.plan.name,
      candidate,
      champion: input.evaluation.champion,
      verdict: input.evaluation.verdict,
      reminders,
      result,
      openedAt: new Date(wait.openedAtMs).toISOString(),
      expiresAt: new Date(wait.deadlineMs).toISOString(),
    }),
    answer: async () => {
      await condition(() => result !== null)
      return result!
    },
  })
  show()
  return {
    end: () => end,
    reminders: () => reminders,
    remind() {
      reminders++
      show()
      return reminders
    },
    expire: () => endBy(expired(wait)),
    confirm(recorded) {
      end = recorded
      result = { ...recorded, candidate, reminders }
      show()
      return result
    },
  }
}

// ── the ends, one verb each

function decided({ decision, by, reason }: Decided, via: 'update' | 'signal'): End {
  return { state: decision === 'approve' ? 'approved' : 'rejected', by, reason, via }
}

function expired({ deadlineMs }: Wait): End {
  return {
    state: 'expired',
    by: 'sluice',
    reason: `nobody decided by ${new Date(deadlineMs).toISOString()}`,
    via: 'timer',
  }
}

function superseded(newer: string): End {
  return { state: 'superseded', by: 'sluice', reason: `candidate ${shortDigest(newer)} is newer`, via: 'supersession' }
}

/** An approval that came too late: `why` says what the ledger held already. */
export function outdated(approval: End, why: string): End {
  return { ...approval, state: 'outdated', via: 'ledger', reason: why }
}

// ── messages

interface Messages {
  read(typed: unknown): Read
  decide(decision: Decided, via: 'update' | 'signal'): void
  /** `newer`: digest of the candidate that is asked about instead */
  supersede(newer: string): void
  status(): QuestionStatus
  /** resolves when the decision stands in the ledger */
  answer(): Promise<PromoteResult>
}

function handleMessages({ read, decide, supersede, status, answer }: Messages): void {
  setHandler(defineQuery<QuestionStatus>(QUESTION_QUERY), status, {
    description: 'State of the question, when it expires, and its result',
  })
  setHandler(
    defineUpdate<PromoteResult, [DecideInput]>(DECIDE_UPDATE),
    async (typed) => {
      decide(accepted(read(typed)), 'update')
      return await answer()
    },
    { description: DECIDE_DESCRIPTION, validator: (typed) => void accepted(read(typed)) },
  )
  setHandler(
    defineSignal<[DecideInput]>(DECIDE_SIGNAL),
    (typed) => {
      const outcome = read(typed)
      if (outcome.ok) decide(outcome.value, 'signal')
      else log.warn('a decision sent as a signal was refused', { why: outcome.why })
    },
    { description: DECIDE_SIGNAL_DESCRIPTION },
  )
  setHandler(defineSignal<[SupersedeInput]>(SUPERSEDE_SIGNAL), ({ by }) => supersede(by), {
    description: 'Closes the question because a newer candidate is asked about',
  })
}

/** Throws DECISION_REFUSED; its message is what the person sees. */
function accepted(read: Read): Decided {
  if (read.ok) return read.value
  const refusal = ApplicationFailure.nonRetryable(read.why, 'DECISION_REFUSED')
  refusal.stack = '' // the UI would print it, file paths included, under the message
  throw refusal
}

function askedOf({ model, evaluation }: PromoteInput): Asked {
  const undecided = evaluation.gates.filter(({ verdict }) => verdict === 'INCONCLUSIVE').map(({ name }) => name)
  return { candidate: model.digest, verdict: evaluation.verdict, undecided }
}

interface Shown {
  readonly end: End | null
  readonly reminders: number
  readonly wait: Wait
}

function publish(input: PromoteInput, { end, reminders, wait }: Shown): void {
  upsertSearchAttributes([
    attribute('SluicePipeline', input.plan.name),
    attribute('SluiceStage', 'promote'),
    attribute('SluiceVerdict', input.evaluation.verdict),
    attribute('SluiceCandidate', input.model.digest),
    attribute('SluiceWaiting', end === null),
  ])
  const until = new Date(wait.deadlineMs).toISOString()
  const headline =
    end === null
      ? `# Waits for ${input.plan.approval.ask} until ${until}${reminders === 0 ? '' : ` (${reminders} reminders)`}`
      : `# ${end.state}: ${end.reason || 'no reason given'} (${end.by}, via ${end.via})`
  setCurrentDetails(`${headline}\n\n${input.summary}`)
}
