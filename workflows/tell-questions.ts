// Tells open questions that another model is live than the one that their candidates were judged against.
import { getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow'
import { CHAMPION_SIGNAL, type ChampionChanged } from '../schemas/rollback.ts'

/** One whose workflow is gone learns it from the ledger, when its candidate is approved. */
export async function tellQuestions(
  open: readonly { readonly workflowId: string }[],
  change: ChampionChanged,
): Promise<void> {
  const told = open.map(({ workflowId }) =>
    getExternalWorkflowHandle(workflowId)
      .signal<[ChampionChanged]>(CHAMPION_SIGNAL, change)
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error
      }),
  )
  await Promise.all(told)
}
