// Clean: the segments of a snapshot → a dataset.
import { cancellationSignal, heartbeat } from '@temporalio/activity'
import { wholePlan } from '../lake/plans.ts'
import { snapshotSegments } from '../lake/snapshots/snapshots.ts'
import { settingsOf } from '../plan/recipe.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { DatasetRef } from '../schemas/dataset.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { Outcome } from '../schemas/run.ts'
import { makeDataset } from '../stages/clean/make-dataset.ts'
import { memoised } from '../stages/memoised.ts'
import { cleanInputs } from '../stages/stage-inputs.ts'
import { beating } from './beating.ts'
import type { Deps } from './deps.ts'

export function createCleanActivities({ store, code, codeParts }: Pick<Deps, 'store' | 'code' | 'codeParts'>) {
  return {
    async cleanSnapshot(input: { plan: CarriedPlan; snapshot: SnapshotRef }): Promise<Outcome<DatasetRef>> {
      const { snapshot } = input
      const plan = await wholePlan(store, input.plan)
      const files = await snapshotSegments({ store, snapshot })
      const stage = {
        pipeline: plan.name,
        stage: 'clean',
        inputs: cleanInputs({ files, snapshot, code: code.clean }),
        recipe: settingsOf(plan).clean,
        codeParts: codeParts?.clean,
      } as const
      let place: unknown
      const onProgress = (now: unknown): void => {
        place = now
        heartbeat(now)
      }
      const hooks = { signal: cancellationSignal(), onProgress }
      const work = () => makeDataset(store, { plan, snapshot, files, code: code.clean }, hooks)
      return await beating(
        () => memoised(store, stage, work),
        () => place,
      )
    },
  }
}
