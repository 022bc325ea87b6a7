// Trigger: asks for a run of a pipeline; at most one runs at a time.
import { activityInfo } from '@temporalio/activity'
import type { RetrainInput } from '../schemas/run.ts'
import type { Deps } from './deps.ts'
import { requestRun } from './request-run.ts'

export function createTriggerActivities({ temporal }: Pick<Deps, 'temporal'>) {
  return {
    async requestRetrain(input: RetrainInput): Promise<void> {
      await requestRun(temporal, { input, taskQueue: activityInfo().taskQueue })
    },
  }
}
