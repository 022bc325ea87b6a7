// A pipeline and the model that answers for it now.
import type { Plan } from '../schemas/plan.ts'
import type { LoadedModel } from './loader.ts'
import type { ModelSlot } from './slot.ts'

export interface ServedPipeline {
  readonly plan: Plan
  readonly slot: ModelSlot<LoadedModel>
}
