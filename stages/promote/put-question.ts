// A question in the ledger: put once, closed once. What a workflow does a second time, because it was reset, changes nothing.
import { openLedger } from '../../lake/ledger.ts'
import type { Store } from '../../lake/store/store.ts'
import type { QuestionEnd } from '../../schemas/approval.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { isDecided } from '../../schemas/ledger.ts'
import {
  changeOf,
  type DecisionRecord,
  endIn,
  isProposedAfter,
  type OpenQuestion,
  openIn,
  type Proposal,
} from './ledger-changes.ts'

export interface Put {
  /** candidates that were proposed before this one and still wait */
  readonly older: readonly OpenQuestion[]
  /** how the question ended already; null: it is open */
  readonly ended: QuestionEnd | null
}

/** Puts the candidate into the ledger as proposed, unless this proposal stands there already or a person has decided. */
export async function putQuestion(
  store: Store,
  { pipeline, commitId, again = false, ...proposal }: Proposal,
): Promise<Put> {
  const { model } = proposal
  const ledger = openLedger(store, pipeline)
  await ledger.append({
    commitId,
    decide: ({ last }) => {
      const isClosed = isDecided(last[model]) && !(again && last[model] === 'rejected')
      return isClosed ? null : { kind: 'proposed', ...proposal }
    },
  })
  const { state, entries } = await ledger.read()
  const ended = endIn(entries, model)
  if (ended !== null) return { older: [], ended }
  const waiting = openIn(state)
  const older = waiting.slice(
    0,
    waiting.findIndex((each) => each.model === model),
  )
  return { older, ended }
}

/**
 * Appends how the question ended, once. → after an approval the questions that are open beside it: their candidates were judged against
 * a model that is no longer live. Throws QUESTION_CLOSED with the end that stands when it is another one's, DECISION_REFUSED
 * for a supersession by a candidate that the ledger does not know as newer, CHAMPION_CHANGED for an approval when another model went
 * live meanwhile.
 */
export async function closeQuestion(store: Store, record: DecisionRecord): Promise<readonly OpenQuestion[]> {
  const { pipeline, commitId, model, newer } = record
  const ledger = openLedger(store, pipeline)
  if (newer !== undefined && !isProposedAfter((await ledger.read()).entries, model, newer)) {
    const detail = `no candidate ${shortDigest(newer)} was proposed after ${shortDigest(model)}: nothing supersedes it`
    throw failure('DECISION_REFUSED', { detail })
  }
  const isClosed = (state: Awaited<ReturnType<typeof ledger.append>>): boolean =>
    state.last[model] !== undefined && state.open[model] === undefined
  await ledger.append({ commitId, decide: (state) => (isClosed(state) ? null : changeOf(record)) })
  const { entries, state: after } = await ledger.read()
  if (entries.some((entry) => entry.commitId === commitId)) return record.state === 'approved' ? openIn(after) : []
  const end = endIn(entries, model)
  if (end === null) return []
  const { state, by, reason } = end
  const how = `${state} by ${by}${reason === '' ? '' : ` (${reason})`}`
  throw failure('QUESTION_CLOSED', { pipeline, candidate: shortDigest(model), end: how, state, by, reason })
}

/** How the ledger says that the question about a candidate ended; null: it is open, or was never put. */
export async function readEnd(store: Store, pipeline: string, candidate: string): Promise<QuestionEnd | null> {
  return endIn((await openLedger(store, pipeline).read()).entries, candidate)
}
