// Stops and starts what runs a pipeline by itself: its schedules, all of them, with who, when and why in their notes.
import type { Client } from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { loadPipeline } from '../plan/registry.ts'
import { failure } from '../schemas/failures.ts'
import { retrainWorkflowId } from '../schemas/ids.ts'
import { type FoundSchedule, type Pause, pauseNote, pauseOf, schedulesNamed } from '../workers/pause.ts'
import { isOpen, workflowState } from './workflow-state.ts'

export interface Paused {
  readonly pipeline: string
  /** ids */
  readonly schedules: readonly string[]
  /** the pause that stands: of somebody else where they were first */
  readonly pause: Pause
  /** false: it was paused before, and stays as it was */
  readonly changed: boolean
  /** workflow id of the run that goes on; null: none does */
  readonly underWay: string | null
}

/** Throws PIPELINE_UNSCHEDULED, PIPELINE_UNKNOWN. A pause that stands is kept with its words. */
export async function pausePipeline(
  config: Config,
  client: Client,
  { pipeline, ...pause }: Pause & { readonly pipeline: string },
): Promise<Paused> {
  const schedules = await requireSchedules(config, client, pipeline)
  const stands = pauseOf(schedules) ?? pause
  const running = schedules.filter(({ description }) => !description.state.paused)
  // what paused itself after a failure is paused by a person from now on
  const toPause = pauseOf(schedules) === null ? schedules : running
  await Promise.all(
    toPause.map(async ({ handle }) => {
      await handle.pause(pauseNote(stands))
      await handle.describe() // the server only queues it; a query waits
    }),
  )
  const run = await workflowState(client, retrainWorkflowId(pipeline))
  return {
    pipeline,
    schedules: schedules.map(({ id }) => id),
    pause: stands,
    changed: toPause.length > 0,
    underWay: isOpen(run) ? run.workflowId : null,
  }
}

export interface Resumed {
  readonly pipeline: string
  /** schedules that were paused, with their notes */
  readonly resumed: readonly { readonly schedule: string; readonly note: string }[]
}

/** Those too that paused themselves after a failure. Throws as pausePipeline. */
export async function resumePipeline(
  config: Config,
  client: Client,
  { pipeline, by, at, reason }: Pause & { readonly pipeline: string },
): Promise<Resumed> {
  const schedules = await requireSchedules(config, client, pipeline)
  const paused = schedules.filter(({ description }) => description.state.paused)
  await Promise.all(
    paused.map(async ({ handle }) => {
      await handle.unpause(`resumed by ${by} at ${at}${reason && `: ${reason}`}`)
      await handle.describe()
    }),
  )
  return {
    pipeline,
    resumed: paused.map(({ id, description }) => ({ schedule: id, note: description.state.note ?? '' })),
  }
}

async function requireSchedules(config: Config, client: Client, pipeline: string): Promise<FoundSchedule[]> {
  const schedules = await schedulesNamed(client, pipeline)
  if (schedules.length > 0) return schedules
  await loadPipeline(config.projectDir, pipeline) // a misspelt name is answered with the one that may be meant
  throw failure('PIPELINE_UNSCHEDULED', { pipeline })
}
