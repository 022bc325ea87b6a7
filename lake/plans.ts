// Large plans as objects of the store: what travels instead of them is a reference (decision 015).
import { canonicalBytes } from '../core/digest.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { Plan } from '../schemas/plan.ts'
import { putJson, readJson } from './store/objects.ts'
import type { Store } from './store/store.ts'

/** A plan travels with every activity of a round of ingest (decision 015 counts them): as many of this size are 1 MB of history. */
const MAX_CARRIED_BYTES = 16 * 1024

/** Whether a reference travels instead of it. */
export function isLargePlan(plan: Plan): boolean {
  return canonicalBytes(plan).byteLength > MAX_CARRIED_BYTES
}

/** The plan, or a reference to the object that it is from now on. Nothing collects these: a schedule may name one for years. */
export async function carryPlan(store: Store, plan: Plan): Promise<CarriedPlan> {
  if (!isLargePlan(plan)) return plan
  const { name, owner, approval, fingerprint, source, train } = plan
  const object = await putJson(store, { kind: 'plans', value: plan })
  return {
    name,
    owner,
    approval,
    fingerprint,
    source: { topic: source.topic },
    train: { device: train.device },
    object,
  }
}

/** Throws OBJECT_MISSING or OBJECT_CORRUPT for a reference to what is not there as it was written. */
export async function wholePlan(store: Store, plan: CarriedPlan): Promise<Plan> {
  return 'object' in plan ? await readJson<Plan>(store, plan.object) : plan
}
