// What a Temporal Schedule starts: asks for a run when the clock says so, or when enough new records wait.
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { TriggerSpec } from '../schemas/plan.ts'
import { requireTrigger } from './input.ts'
import { brief } from './proxies.ts'

export interface TriggerInput {
  readonly plan: CarriedPlan
  readonly trigger: TriggerSpec
}

export interface TriggerResult {
  readonly asked: boolean
  /** records beyond the last snapshot; absent for a cron trigger */
  readonly waiting?: number
}

/** Result: whether a run was asked for. */
export async function trigger(input: TriggerInput): Promise<TriggerResult> {
  requireTrigger(input)
  const { plan, trigger: spec } = input
  if (spec.when === 'cron') {
    await brief.requestRetrain({ plan, reason: 'cron', by: `schedule ${spec.expression} ${spec.timezone}` })
    return { asked: true }
  }
  const waiting = await brief.countNewRows({ plan })
  if (waiting < spec.rows) return { asked: false, waiting }
  await brief.requestRetrain({ plan, reason: 'rows', by: `${waiting} new records, ${spec.rows} are enough` })
  return { asked: true, waiting }
}
