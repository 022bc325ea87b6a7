// Every activity, joined: a worker registers them, workflows know their types.
import { eachBeating } from './beating.ts'
import { createCleanActivities } from './clean.ts'
import type { Deps } from './deps.ts'
import { createEvaluateActivities } from './evaluate.ts'
import { createIngestActivities } from './ingest.ts'
import { createPromoteActivities } from './promote.ts'
import { createRollbackActivities } from './rollback.ts'
import { createTrainActivities } from './train.ts'
import { createTriggerActivities } from './trigger.ts'

/** The activities of the main queue. */
export function createDataActivities(deps: Deps) {
  const { ingestRanges, ...ingest } = createIngestActivities(deps)
  const { checkModel, ...rollback } = createRollbackActivities(deps)
  return {
    ingestRanges,
    checkModel,
    ...createCleanActivities(deps),
    ...eachBeating({ ...ingest, ...createPromoteActivities(deps), ...createTriggerActivities(deps), ...rollback }),
  }
}

/** The activities of the training queues. */
export function createTrainingActivities(deps: Deps) {
  return { ...createTrainActivities(deps), ...createEvaluateActivities(deps) }
}

export type Activities = ReturnType<typeof createDataActivities> & ReturnType<typeof createTrainingActivities>
