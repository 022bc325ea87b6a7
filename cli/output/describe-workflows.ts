// What the terminal says of workflows and schedules: that they run, or who ended them and what to do.
import { shortDigest } from '../../schemas/ids.ts'
import { showTime } from '../../schemas/point-in-time.ts'
import type { Pause } from '../../workers/pause.ts'
import type { QuestionState, ScheduleState } from '../pipeline-workflows.ts'
import { describeExpiry } from '../question-page.ts'
import type { UnderWay } from '../waiting/runs-of.ts'
import { isOpen, type WorkflowState } from '../workflow-state.ts'

/** Rows for `Output.table`: how each stands; an open one with the stage that it is in. */
export function workflowTable(
  workflows: readonly WorkflowState[],
  underWay: readonly UnderWay[],
): Record<string, string>[] {
  const stageOf = new Map(underWay.map(({ workflowId, stage }) => [workflowId, stage]))
  return workflows.map(({ workflowId, state, since, why }) => ({
    workflow: workflowId,
    state: [state, stageOf.get(workflowId) ?? ''].filter((words) => words !== '').join(': '),
    since: since === null ? '' : showTime(Date.parse(since)),
    why,
  }))
}

interface Waiting {
  readonly candidate: string
  readonly url: string
  readonly question?: QuestionState
}

/** What to do about a candidate that the ledger has as waiting, whatever became of the workflow that asks. */
export function describeQuestion(pipeline: string, { candidate, url, question }: Waiting): string[] {
  if (question === undefined || question.state === 'running') {
    const until = describeExpiry(question?.expiresAt)
    return [`${pipeline} waits for you${until && ` ${until}`}: ${url}`]
  }
  const about = `the question about ${shortDigest(candidate)} of ${pipeline}`
  if (isOpen(question)) return [`${about} is ${inWords(question)}: unpause it there: ${url}`]
  return [
    `${about} is open, and nobody asks it: its workflow is ${inWords(question)}`,
    `next: \`sluice approve ${pipeline}\` or \`sluice reject ${pipeline}\` asks again and decides; \`sluice run ${pipeline}\` asks again`,
  ]
}

/** "terminated (by ada@example.org: too slow)" */
export function inWords({ state, why }: Pick<WorkflowState, 'state' | 'why'>): string {
  const name = state === 'unknown' ? 'not in Temporal any more' : state
  return why === '' ? name : `${name} (${why})`
}

/** Only those that start nothing: one line for a pipeline that a person paused, one for each that paused otherwise. */
export function describeSchedules(schedules: readonly ScheduleState[]): string[] {
  const paused = schedules.filter((each) => each.paused)
  const pauses = new Map(
    paused.flatMap(({ schedule, pause }) => (pause === undefined ? [] : [[pipelineOf(schedule), pause] as const])),
  )
  const others = paused.filter(({ pause }) => pause === undefined)
  return [
    ...[...pauses].map(
      ([pipeline, pause]) =>
        `${describePause(pipeline, pause)}; \`sluice resume ${pipeline}\` starts its schedules again`,
    ),
    ...others.map(({ schedule, note }) => {
      const why = note === '' ? '' : ` (${note})`
      return `schedule ${schedule} is paused${why}: it starts no run until somebody unpauses it in the Temporal UI`
    }),
  ]
}

/** "digits is paused since Mon 7 Dec 2026, 14:00 UTC, by ada: the topic moves" */
export function describePause(pipeline: string, { by, at, reason }: Pause): string {
  return `${pipeline} is paused since ${showTime(Date.parse(at))}, by ${by}: ${reason}`
}

const pipelineOf = (schedule: string): string => schedule.slice(0, schedule.lastIndexOf('/'))
