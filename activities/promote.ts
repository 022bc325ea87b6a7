// Promote: what the ledger says about a candidate, and what is added to it.
import { log } from '@temporalio/activity'
import { readLedger } from '../lake/ledger.ts'
import { wholePlan } from '../lake/plans.ts'
import type { QuestionEnd } from '../schemas/approval.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { DatasetRef } from '../schemas/dataset.ts'
import type { LedgerChange } from '../schemas/ledger.ts'
import { datasetOf } from '../stages/promote/dataset-of.ts'
import { decidedWords } from '../stages/promote/decided-words.ts'
import type { DecisionRecord, OpenQuestion, Proposal } from '../stages/promote/ledger-changes.ts'
import { closeQuestion, type Put, putQuestion, readEnd } from '../stages/promote/put-question.ts'
import { cardKey, type SummaryInput, summarise } from '../stages/promote/summarise-candidate.ts'
import type { Deps } from './deps.ts'

export interface Standing {
  /** digest and key of the live model's card */
  readonly champion: { readonly digest: string; readonly key: string } | null
  /** what happened to the candidate last; null: the ledger does not know it */
  readonly last: LedgerChange['kind'] | null
  /** where nobody is asked about it any more: what was decided, and how to decide otherwise */
  readonly decided?: string
}

export interface Reminder {
  readonly pipeline: string
  readonly candidate: string
  readonly ask: string
  readonly verdict: string
  /** 1 for the first */
  readonly reminder: number
}

type CandidateInput = Omit<SummaryInput, 'plan'> & { readonly plan: CarriedPlan }

export function createPromoteActivities({ store }: Pick<Deps, 'store'>) {
  return {
    async readStanding(input: { pipeline: string; candidate: string }): Promise<Standing> {
      const { state, entries } = await readLedger(store, input.pipeline)
      const champion = state.champion === null ? null : { digest: state.champion, key: cardKey(state.champion) }
      const decided = decidedWords(entries, { pipeline: input.pipeline, model: input.candidate })
      return { champion, last: state.last[input.candidate] ?? null, ...(decided !== null && { decided }) }
    },

    /** Puts the candidate into the ledger as proposed; says how the question ended where it did already. */
    async putQuestion(proposal: Proposal): Promise<Put> {
      return await putQuestion(store, proposal)
    },

    /** What runs call that began before putQuestion: the candidates that were proposed before this one and still wait. */
    async propose(proposal: Proposal): Promise<Put['older']> {
      return (await putQuestion(store, proposal)).older
    },

    /** See closeQuestion for what it returns and throws. Workers of before returned nothing. */
    async recordDecision(record: DecisionRecord): Promise<readonly OpenQuestion[] | undefined> {
      return await closeQuestion(store, record)
    },

    /** What a model's card names by its digest alone. */
    async readDataset({ digest }: { digest: string }): Promise<DatasetRef> {
      return await datasetOf(store, digest)
    },

    /** Markdown for the approver. */
    async summarise(input: CandidateInput): Promise<string> {
      return await summarise(store, { ...input, plan: await wholePlan(store, input.plan) })
    },

    /** Returns how the question ended where the ledger knows that it did, and reminds nobody. */
    async remind(reminder: Reminder): Promise<QuestionEnd | null> {
      const ended = await readEnd(store, reminder.pipeline, reminder.candidate)
      if (ended === null) log.warn(`a candidate waits for ${reminder.ask}`, { ...reminder })
      return ended
    },
  }
}
