// Rollback: what could be live again, whether that model still answers as it did, and the ledger's entry.
import assert from 'node:assert/strict'
import { wholePlan } from '../lake/plans.ts'
import { loadPipeline } from '../plan/registry.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { RollbackTarget } from '../schemas/rollback.ts'
import type { OpenQuestion } from '../stages/promote/ledger-changes.ts'
import { planRollback, type RollbackRecord, recordRollback } from '../stages/promote/roll-back.ts'
import { describeRollbacks, type RollbackPage } from '../stages/promote/rollback-page.ts'
import type { Wanted } from '../stages/promote/rollback-target.ts'
import type { Deps } from './deps.ts'
import { runJob } from './trainer-process.ts'

export interface CheckInput {
  readonly pipeline: string
  /** absent: the pipeline's file as this worker has it */
  readonly plan?: CarriedPlan
  /** digest */
  readonly model: string
}

export function createRollbackActivities(deps: Pick<Deps, 'store' | 'runTrainer' | 'backend' | 'projectDir'>) {
  const { store, backend, projectDir } = deps
  return {
    /** What an operator reads who has not said yet what is to be live. */
    async showRollbacks({ pipeline }: { pipeline: string }): Promise<RollbackPage> {
      return await describeRollbacks(store, pipeline)
    },

    /** See planRollback for what it throws. */
    async planRollback(wanted: Wanted): Promise<RollbackTarget> {
      return await planRollback(store, wanted)
    },

    /** Loads the model as a server does, in a process of its own. Throws what keeps it out of service. */
    async checkModel({ pipeline, plan: carried, model }: CheckInput): Promise<void> {
      const plan = carried === undefined ? await loadPipeline(projectDir, pipeline) : await wholePlan(store, carried)
      const forced = backend === undefined ? {} : { backend }
      const line = await runJob(deps, { job: 'check', plan, model, ...forced })
      assert(line.type === 'checked', `a check ends with the model, not with ${line.type}`)
    },

    /** See recordRollback for what it throws. */
    async recordRollback(record: RollbackRecord): Promise<readonly OpenQuestion[]> {
      return await recordRollback(store, record)
    },
  }
}
