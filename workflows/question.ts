// The open question: its update, signals and query, and what the Temporal UI shows about it.
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
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
  type SupersedeInput,
} from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { CHAMPION_SIGNAL, type ChampionChanged } from '../schemas/rollback.ts'
import { type Asked, type Decided, type Read, readChampionChanged, readDecision, readSupersession } from './decision.ts'
import { describe, publish, type Stale, staleWords, type Wait } from './question-view.ts'
import { keepStanding, type Standing } from './standing.ts'

/** `newer`: digest of the candidate that supersedes this one, as the signal says. */
export type End = QuestionEnd & { readonly newer?: string }

export interface Question extends Pick<Standing, 'input' | 'stale' | 'judgedAgain' | 'cannotJudge'> {
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

/** Puts the question: from here on people can look, decide, and a newer candidate can supersede this one. The first end counts. */
export function askPeople(asked: PromoteInput, wait: Wait): Question {
  const standing = keepStanding(asked)
  const { input, stale } = standing
  let end: End | null = null
  let result: PromoteResult | null = null
  let refused: string | null = null
  let { reminders } = wait
  const candidate = asked.model.digest
  const describeNow = (): void =>
    describe(input(), { end, reminders, wait, refused, stale: stale(), news: standing.news() })
  const show = (): void => {
    publish(input(), end)
    describeNow()
  }
  const endBy = (next: End): void => {
    end ??= next
    show()
  }
  const refuse = (why: string): void => {
    log.warn('a signal was refused', { why })
    refused = why
    describeNow()
  }
  handleMessages({
    read: (typed) =>
      end === null
        ? readDecision(askedOf(input(), stale()), typed)
        : { ok: false, why: `this question is ${end.state}: nothing more to decide` },
    decide: (decision, via) => endBy(decided(decision, via)),
    readSupersession: (typed) => readSupersession(candidate, typed),
    supersede: (newer) => {
      const met = standing.meets(newer)
      if (met === true) describeNow()
      else endBy(superseded(newer.by, met))
    },
    change: followed(standing.changed, show),
    refuse,
    status: () => statusOf(input(), wait, { state: end?.state ?? 'open', reminders, result }),
    answer: async () => {
      // a decision that came before a cancellation is recorded all the same, and answered
      await CancellationScope.nonCancellable(() => condition(() => result !== null))
      return result!
    },
  })
  show()
  return {
    input,
    stale,
    judgedAgain: followed(standing.judgedAgain, show),
    cannotJudge: followed(standing.cannotJudge, show),
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

function followed<A extends unknown[]>(work: (...args: A) => void, by: () => void): (...args: A) => void {
  return (...args) => {
    work(...args)
    by()
  }
}

function statusOf(
  { plan, model, evaluation: { champion, verdict } }: PromoteInput,
  { openedAtMs, deadlineMs }: Wait,
  now: Pick<QuestionStatus, 'state' | 'reminders' | 'result'>,
): QuestionStatus {
  return {
    ...now,
    pipeline: plan.name,
    candidate: model.digest,
    champion,
    verdict,
    openedAt: new Date(openedAtMs).toISOString(),
    expiresAt: new Date(deadlineMs).toISOString(),
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

function superseded(newer: string, compared = ''): End {
  const reason = `candidate ${shortDigest(newer)} is newer${compared && `, and at least as good (${compared})`}`
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
  supersede(by: SupersedeInput): void
  change(changed: ChampionChanged): void
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
      if (outcome.ok) messages.supersede(outcome.value)
      else messages.refuse(`${SUPERSEDE_SIGNAL}: ${outcome.why}`)
    },
    {
      description:
        'Sent by sluice: a newer candidate is asked about, which closes this question unless this one is better',
    },
  )
  setHandler(
    defineSignal<[unknown]>(CHAMPION_SIGNAL),
    (typed) => {
      const outcome = readChampionChanged(typed)
      if (outcome.ok) messages.change(outcome.value)
      else messages.refuse(`${CHAMPION_SIGNAL}: ${outcome.why}`)
    },
    { description: 'Sent by sluice: another model is live, and this candidate is judged against it' },
  )
}

/** Throws DECISION_REFUSED; its message is what the person sees. */
function accepted(read: Read): Decided {
  if (read.ok) return read.value
  const refusal = ApplicationFailure.nonRetryable(read.why, 'DECISION_REFUSED')
  refusal.stack = '' // the UI would print it, file paths included, under the message
  throw refusal
}

function askedOf(input: PromoteInput, stale: Stale | null): Asked {
  const { model, evaluation } = input
  const undecided = evaluation.gates.filter(({ verdict }) => verdict === 'INCONCLUSIVE').map(({ name }) => name)
  return {
    candidate: model.digest,
    verdict: evaluation.verdict,
    undecided,
    stale: stale === null ? null : staleWords(input, stale).replaceAll('**', ''),
  }
}
