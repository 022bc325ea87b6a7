// A pipeline's triggers as Temporal Schedules: created, updated, and removed when the pipeline no longer has them.
import { type Client, ScheduleNotFoundError, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { failure } from '../schemas/failures.ts'
import { MAIN_QUEUE, scheduleId, triggerWorkflowId } from '../schemas/ids.ts'
import type { Plan, TriggerSpec } from '../schemas/plan.ts'
import type { TriggerInput } from '../workflows/trigger.ts'
import { type Pause, pauseNote, pauseOf, schedulesNamed } from './pause.ts'

const DEFAULT_POLL_EVERY_MS = 10_000
/** What was missed longer ago than this is not made up for: the next time is soon enough. */
const CATCHUP_WINDOW = '10 minutes'

export interface ApplySchedules {
  readonly client: Client
  readonly plan: Plan
  /** what the schedules' workflows are given; default: the plan itself */
  readonly carried?: CarriedPlan
  /** how often a rows trigger looks at the topic; default 10 s */
  readonly pollEveryMs?: number
  readonly taskQueue?: string
}

export interface AppliedSchedules {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  readonly removed: readonly string[]
  /** a person's: it stands for new schedules too; absent: nobody paused the pipeline */
  readonly pause?: Pause
}

interface Wanted {
  /** in the definition */
  readonly path: string
  readonly id: string
  readonly workflowId: string
  readonly trigger: TriggerSpec
}

/**
 * Idempotent. A schedule that a person paused, or that paused itself after a failure, stays paused.
 * Throws PIPELINE_INVALID for one that the server does not take.
 */
export async function applySchedules(options: ApplySchedules): Promise<AppliedSchedules> {
  const wanted = schedulesOf(options.plan)
  // before any is removed: the pause of a pipeline is that of all its schedules, also of those to come
  const pause = pauseOf(await schedulesNamed(options.client, options.plan.name))
  const outcomes = await Promise.all(
    wanted.map(async (each) => ({
      id: each.id,
      outcome: await createOrUpdate({ ...options, pause }, each).catch(refused(options, each)),
    })),
  )
  const named = (outcome: 'created' | 'updated') =>
    outcomes.filter((each) => each.outcome === outcome).map(({ id }) => id)
  const removed = await removeBeyond(options, wanted)
  return { created: named('created'), updated: named('updated'), removed, ...(pause !== null && { pause }) }
}

/** A cron trigger with the times at which Temporal will fire it. */
export interface Upcoming {
  readonly id: string
  readonly expression: string
  readonly timezone: string
  /** then nothing fires until somebody unpauses it */
  readonly paused: boolean
  /** in order, at most ten; empty: it never comes */
  readonly times: readonly Date[]
}

/** Of schedules that were applied; throws ScheduleNotFoundError for others. */
export async function upcomingOf(client: Client, plan: Pick<Plan, 'name' | 'retrain'>): Promise<Upcoming[]> {
  const found = schedulesOf(plan).map(async ({ id, trigger }): Promise<Upcoming[]> => {
    if (trigger.when !== 'cron') return []
    const { state, info } = await client.schedule.getHandle(id).describe()
    const { expression, timezone } = trigger
    return [{ id, expression, timezone, paused: state.paused, times: info.nextActionTimes }]
  })
  return (await Promise.all(found)).flat()
}

/** Ids count per kind, so that those which are left over are found by counting on. */
function schedulesOf(plan: Pick<Plan, 'name' | 'retrain'>): Wanted[] {
  const counts = { cron: 0, rows: 0 }
  return plan.retrain.map((trigger, place) => {
    const index = counts[trigger.when]++
    return {
      path: `retrain[${place}]`,
      id: scheduleId(plan.name, trigger.when, index),
      workflowId: triggerWorkflowId(plan.name, trigger.when, index),
      trigger,
    }
  })
}

/** The SDK's TypeErrors are refusals of a schedule's times by the server, which may know fewer time zones than this process. */
function refused({ plan }: ApplySchedules, { path, trigger }: Wanted): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof TypeError)) throw error
    const found = `${error.message} (${JSON.stringify(trigger)})`
    throw failure(
      'PIPELINE_INVALID',
      { pipeline: plan.name, path, expected: 'times that Temporal takes', found },
      error,
    )
  }
}

async function createOrUpdate(
  { client, pause, ...rest }: ApplySchedules & { readonly pause: Pause | null },
  wanted: Wanted,
): Promise<'created' | 'updated'> {
  const options = scheduleOptions(rest, wanted)
  const handle = client.schedule.getHandle(wanted.id)
  try {
    await handle.update(({ state }) => {
      const { spec, action, policies } = options
      return { spec, action, policies: policies ?? {}, state }
    })
    // The server only queues an update, and a pause sent after it can overtake it and be undone; a query waits for both.
    await handle.describe()
    return 'updated'
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    const state = pause === null ? {} : { state: { paused: true, note: pauseNote(pause) } }
    await client.schedule.create({ ...options, ...state })
    return 'created'
  }
}

function scheduleOptions(
  { plan, carried = plan, pollEveryMs, taskQueue }: Omit<ApplySchedules, 'client'>,
  wanted: Wanted,
) {
  const { trigger } = wanted
  const input: TriggerInput = { plan: carried, trigger }
  return {
    scheduleId: wanted.id,
    spec:
      trigger.when === 'cron'
        ? { cronExpressions: [trigger.expression], timezone: trigger.timezone }
        : { intervals: [{ every: pollEveryMs ?? DEFAULT_POLL_EVERY_MS }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'trigger',
      workflowId: wanted.workflowId,
      taskQueue: taskQueue ?? MAIN_QUEUE,
      args: [input],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW, pauseOnFailure: true },
  } satisfies ScheduleOptions
}

/** Deletes from the end, so that an interrupted removal leaves no gap that would hide the rest. */
async function removeBeyond({ client, plan }: ApplySchedules, wanted: readonly Wanted[]): Promise<string[]> {
  const removed: string[] = []
  for (const kind of ['cron', 'rows'] as const) {
    const kept = wanted.filter(({ trigger }) => trigger.when === kind).length
    let end = kept
    while (await exists(client, scheduleId(plan.name, kind, end))) end++
    for (let index = end - 1; index >= kept; index--) {
      const id = scheduleId(plan.name, kind, index)
      await client.schedule.getHandle(id).delete()
      removed.push(id)
    }
  }
  return removed
}

async function exists(client: Client, id: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(id).describe()
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}
