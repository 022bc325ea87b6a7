// Train: a dataset → a model version, in a child process that may be killed at any time.
import assert from 'node:assert/strict'
import { keepRecipe } from '../lake/memo.ts'
import { wholePlan } from '../lake/plans.ts'
import { settingsOf } from '../plan/recipe.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { DatasetRef } from '../schemas/dataset.ts'
import { objectKey } from '../schemas/ids.ts'
import type { ModelRef } from '../schemas/model.ts'
import type { Outcome } from '../schemas/run.ts'
import { memoised } from '../stages/memoised.ts'
import { trainInputs } from '../stages/stage-inputs.ts'
import { startModel } from '../stages/train/start-model.ts'
import type { Deps } from './deps.ts'
import { lastHeartbeat, runJob } from './trainer-process.ts'

export interface TrainInput {
  readonly plan: CarriedPlan
  readonly dataset: DatasetRef
}

export function createTrainActivities(deps: Pick<Deps, 'store' | 'runTrainer' | 'code' | 'codeParts' | 'backend'>) {
  const { store, code, codeParts, backend } = deps
  return {
    async trainModel({ dataset, ...input }: TrainInput): Promise<Outcome<ModelRef>> {
      const plan = await wholePlan(store, input.plan)
      const { start = await startModel(store, { plan, dataset: dataset.digest, code: code.train }) } = lastHeartbeat()
      const recipe = settingsOf(plan).train
      const stage = {
        pipeline: plan.name,
        stage: 'train',
        inputs: trainInputs({ plan, dataset: dataset.digest, code: code.train, backend, start }),
        recipe,
        codeParts: codeParts?.train,
      } as const
      return await memoised(store, stage, async (digest) => {
        const line = await runJob(deps, {
          job: 'train',
          plan,
          dataset,
          inputs: digest,
          code: code.train,
          ...(start === null ? {} : { start: { digest: start, key: objectKey('models', start, 'json') } }),
          ...(backend === undefined ? {} : { backend }),
        })
        assert(line.type === 'trained', `a training ends with a model, not with ${line.type}`)
        await keepRecipe(store, recipe.train) // the model's card names it by its digest
        return line.model
      })
    },
  }
}
