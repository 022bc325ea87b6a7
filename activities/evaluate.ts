// Evaluate: candidate and champion on the same test rows → a verdict with evidence.
import assert from 'node:assert/strict'
import { wholePlan } from '../lake/plans.ts'
import { settingsOf } from '../plan/recipe.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { DatasetRef } from '../schemas/dataset.ts'
import type { ModelRef } from '../schemas/model.ts'
import type { Outcome } from '../schemas/run.ts'
import type { TrainerJob } from '../schemas/trainer.ts'
import type { EvaluationRef } from '../schemas/verdict.ts'
import { memoised } from '../stages/memoised.ts'
import { evaluateInputs } from '../stages/stage-inputs.ts'
import type { Deps } from './deps.ts'
import { runJob } from './trainer-process.ts'

export interface EvaluateInput {
  readonly plan: CarriedPlan
  readonly dataset: DatasetRef
  readonly model: ModelRef
  readonly champion: Extract<TrainerJob, { job: 'evaluate' }>['champion']
}

export function createEvaluateActivities(deps: Pick<Deps, 'store' | 'runTrainer' | 'code' | 'codeParts' | 'backend'>) {
  const { store, code, codeParts, backend } = deps
  return {
    async evaluateCandidate({ dataset, model, champion, ...input }: EvaluateInput): Promise<Outcome<EvaluationRef>> {
      const plan = await wholePlan(store, input.plan)
      const judged = { dataset: dataset.digest, model: model.digest, champion: champion?.digest ?? null }
      const stage = {
        pipeline: plan.name,
        stage: 'evaluate',
        inputs: evaluateInputs({ ...judged, code: code.evaluate }),
        recipe: settingsOf(plan).evaluate,
        codeParts: codeParts?.evaluate,
      } as const
      return await memoised(store, stage, async () => {
        const forced = backend === undefined ? {} : { backend }
        const line = await runJob(deps, { job: 'evaluate', plan, dataset, model, champion, ...forced })
        assert(line.type === 'evaluated', `an evaluation ends with a verdict, not with ${line.type}`)
        return line.evaluation
      })
    },
  }
}
