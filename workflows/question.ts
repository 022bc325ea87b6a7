// The open question: its update, signals and query, and what the Temporal UI shows about it.
import {
  ApplicationFailure,
  CancellationScope,
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
  type QuestionEnd,
  type QuestionStatus,
  SUPERSEDE_SIGNAL,
} from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { showSpan, showTime } from '../schemas/point-in-time.ts'
import { attribute } from './attributes.ts'
import { type Asked, type Decided, type Read, readDecision, readSupersession } from './decision.ts'

/** `newer`: digest of the candidate that supersedes this one, as the signal says. */
export type End = QuestionEnd & { readonly newer?: string }

export interface Question {
  /** null: still open */
  end(): End | null
  reminders(): number
  /** Counts one more reminder and returns its number. */
  remind(): number
  /** Ends it; the first end counts. */
  endBy(end: End): void
  /** The end could not stand: the question is open again. */
  reopen(why: string): void
  /** Called once, when the end stands in the ledger: answers those who sent the decision. */
  confirm(recorded: QuestionEnd): PromoteResult
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
  let refused: string | null = null
  let { reminders } = wait
  const candidate = input.model.digest
  const asked = askedOf(input)
  const show = (): void => {
    publish(input, end)
    describe(input, { end, reminders, wait, refused })
  }
  const endBy = (next: End): void => {
    end ??= next
    show()
  }
  const refuse = (why: string): void => {
    log.warn('a signal was refused', { why })
    refused = why
    describe(input, { end, reminders, wait, refused })
  }
  handleMessages({
    read: (typed) =>
      end === null
        ? readDecision(asked, typed)
        : { ok: false, why: `this question is ${end.state}: nothing more to decide` },
    decide: (decision, via) => endBy(decided(decision, via)),
    readSupersession: (typed) => readSupersession(candidate, typed),
    supersede: (newer) => endBy(superseded(newer)),
    refuse,
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
      // a decision that came before a cancellation is recorded all the same, and answered
      await CancellationScope.nonCancellable(() => condition(() => result !== null))
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
    endBy,
    reopen(why) {
      end = null
      show()
      refuse(why)
    },
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

export function expired(deadlineMs: number): End {
  return {
    state: 'expired',
    by: 'sluice',
    reason: `nobody decided by ${new Date(deadlineMs).toISOString()}`,
    via: 'timer',
  }
}

function superseded(newer: string): End {
  const reason = `candidate ${shortDigest(newer)} is newer`
  return { state: 'superseded', by: 'sluice', reason, via: 'supersession', newer }
}

export const WITHDRAWN: End = {
  state: 'withdrawn',
  by: 'sluice',
  reason: 'its workflow was cancelled before anybody decided',
  via: 'cancellation',
}

/** An approval that came too late: `why` says what the ledger held already. */
export function outdated(approval: QuestionEnd, why: string): QuestionEnd {
  return { ...approval, state: 'outdated', via: 'ledger', reason: why }
}

// ── messages

interface Messages {
  read(typed: unknown): Read
  decide(decision: Decided, via: 'update' | 'signal'): void
  readSupersession(typed: unknown): ReturnType<typeof readSupersession>
  /** `newer`: digest of the candidate that is asked about instead */
  supersede(newer: string): void
  /** A signal has no answer: what is wrong with it stands in the log and under Current Details. */
  refuse(why: string): void
  status(): QuestionStatus
  /** resolves when the decision stands in the ledger */
  answer(): Promise<PromoteResult>
}

function handleMessages({ read, decide, status, answer, ...messages }: Messages): void {
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
      else messages.refuse(`${DECIDE_SIGNAL}: ${outcome.why}`)
    },
    { description: DECIDE_SIGNAL_DESCRIPTION },
  )
  setHandler(
    defineSignal<[unknown]>(SUPERSEDE_SIGNAL),
    (typed) => {
      const outcome = messages.readSupersession(typed)
      if (outcome.ok) messages.supersede(outcome.value.by)
      else messages.refuse(`${SUPERSEDE_SIGNAL}: ${outcome.why}`)
    },
    { description: 'Sent by sluice: closes the question because a newer candidate is asked about' },
  )
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

/** What the inbox and other lists filter by. */
function publish(input: PromoteInput, end: QuestionEnd | null): void {
  upsertSearchAttributes([
    attribute('SluicePipeline', input.plan.name),
    attribute('SluiceStage', 'promote'),
    attribute('SluiceVerdict', input.evaluation.verdict),
    attribute('SluiceCandidate', input.model.digest),
    attribute('SluiceWaiting', end === null),
  ])
}

interface Shown {
  readonly end: QuestionEnd | null
  readonly reminders: number
  readonly wait: Wait
  /** why the last signal was refused; null: none was */
  readonly refused: string | null
}

/** What a person reads in the Temporal UI; leaves nothing in the history. */
function describe(input: PromoteInput, { end, reminders, wait, refused }: Shown): void {
  const headline = end === null ? waitsFor(input, reminders, wait) : `## ${ended(end)}`
  const refusal = refused === null ? '' : `\n\n**The last signal was refused.** ${refused}`
  setCurrentDetails(`${headline}${refusal}\n\n${input.summary}`)
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
