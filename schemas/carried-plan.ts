// A plan as it travels through Temporal: whole, or where it is large what workflows read of it and where the whole lies.
import type { Plan } from './plan.ts'
import type { ObjectRef } from './segment.ts'

/** What stands in for a large plan. */
export interface PlanRef extends Pick<Plan, 'name' | 'owner' | 'approval' | 'fingerprint'> {
  readonly source: Pick<Plan['source'], 'topic'>
  readonly train: Pick<Plan['train'], 'device'>
  /** the whole plan as canonical JSON */
  readonly object: ObjectRef
}

/** Workflows read what both have; activities ask `wholePlan`. */
export type CarriedPlan = Plan | PlanRef
