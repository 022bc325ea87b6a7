// Promote: what the ledger says about a candidate, and what is added to it.
import { log } from '@temporalio/activity'
import { appendLedger, readLedger } from '../lake/ledger.ts'
import { wholePlan } from '../lake/plans.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { LedgerChange } from '../schemas/ledger.ts'
import { changeOf, type DecisionRecord, type Proposal } from '../stages/promote/ledger-changes.ts'
import { cardKey, type SummaryInput, summarise } from '../stages/promote/summarise-candidate.ts'
import type { Deps } from './deps.ts'

interface Standing {
  /** digest and key of the live model's card */
  readonly champion: { readonly digest: string; readonly key: string } | null
  /** what happened to the candidate last; null: the ledger does not know it */
  readonly last: LedgerChange['kind'] | null
}

interface Reminder {
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
      const { state } = await readLedger(store, input.pipeline)
      const champion = state.champion === null ? null : { digest: state.champion, key: cardKey(state.champion) }
      return { champion, last: state.last[input.candidate] ?? null }
    },

    /** Returns the candidates that were proposed before this one and still wait. */
    async propose({ pipeline, commitId, ...proposal }: Proposal): Promise<{ model: string; workflowId: string }[]> {
      const change = { kind: 'proposed', ...proposal } as const
      const { open } = await appendLedger(store, { pipeline, commitId, decide: () => change })
      const waiting = Object.entries(open).map(([model, workflowId]) => ({ model, workflowId }))
      return waiting.slice(
        0,
        waiting.findIndex(({ model }) => model === proposal.model),
      )
    },

    /** Throws CHAMPION_CHANGED for an approval when another model went live meanwhile. */
    async recordDecision(record: DecisionRecord): Promise<void> {
      const { pipeline, commitId } = record
      await appendLedger(store, { pipeline, commitId, decide: () => changeOf(record) })
    },

    /** Markdown for the approver. */
    async summarise(input: CandidateInput): Promise<string> {
      return await summarise(store, { ...input, plan: await wholePlan(store, input.plan) })
    },

    async remind(reminder: Reminder): Promise<void> {
      log.warn(`a candidate waits for ${reminder.ask}`, { ...reminder })
    },
  }
}
