// A pipeline that a person paused: all its schedules carry who, when and why, so that it needs no record of its own.
import { type Client, type ScheduleDescription, type ScheduleHandle, ScheduleNotFoundError } from '@temporalio/client'
import { scheduleId } from '../schemas/ids.ts'

export interface Pause {
  readonly by: string
  /** RFC 3339, UTC */
  readonly at: string
  readonly reason: string
}

/** The note of a schedule, as the Temporal UI shows it too. */
export function pauseNote({ by, at, reason }: Pause): string {
  return `paused by ${by} at ${at}: ${reason}`
}

/** null: it is not of a pause by `sluice pause`. */
export function readPauseNote(note: string | undefined): Pause | null {
  const [, by, at, reason] = /^paused by (.+) at (\d{4}-\d\d-\d\dT[\d:.]+Z): (.*)$/s.exec(note ?? '') ?? []
  return by === undefined || at === undefined || reason === undefined ? null : { by, at, reason }
}

export interface FoundSchedule {
  readonly handle: ScheduleHandle
  readonly id: string
  readonly description: ScheduleDescription
}

/** Those that Temporal has of a pipeline, whether or not its file still asks for them: ids count on from 0 per kind. */
export async function schedulesNamed(client: Client, pipeline: string): Promise<FoundSchedule[]> {
  const kinds = (['cron', 'rows'] as const).map(async (kind) => {
    const found: FoundSchedule[] = []
    for (;;) {
      const id = scheduleId(pipeline, kind, found.length)
      const handle = client.schedule.getHandle(id)
      const description = await describeOrNull(handle)
      if (description === null) return found
      found.push({ handle, id, description })
    }
  })
  return (await Promise.all(kinds)).flat()
}

/** How a person paused the pipeline; null: nobody did. */
export function pauseOf(schedules: readonly Pick<FoundSchedule, 'description'>[]): Pause | null {
  const pauses = schedules.flatMap(({ description: { state } }) => (state.paused ? [readPauseNote(state.note)] : []))
  return pauses.find((pause) => pause !== null) ?? null
}

async function describeOrNull(handle: ScheduleHandle): Promise<ScheduleDescription | null> {
  try {
    return await handle.describe()
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null
    throw error
  }
}
