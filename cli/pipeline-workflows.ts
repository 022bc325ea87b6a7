// What runs, waits or ended in Temporal for a pipeline, beside what its ledger says.
import type { Client } from '@temporalio/client'
import { ingestWorkflowId, retrainWorkflowId } from '../schemas/ids.ts'
import type { Plan } from '../schemas/plan.ts'
import { type Pause, readPauseNote, schedulesNamed } from '../workers/pause.ts'
import { expiryOf } from './question-page.ts'
import { type WorkflowState, workflowState } from './workflow-state.ts'

export interface ScheduleState {
  readonly schedule: string
  /** by a person, or by itself after a failure */
  readonly paused: boolean
  /** why, as who paused it says */
  readonly note: string
  /** absent: it runs, paused itself, or was paused elsewhere than by `sluice pause` */
  readonly pause?: Pause
}

export interface QuestionState extends WorkflowState {
  /** RFC 3339: when it expires; absent: it is not asked now, or no worker answers */
  readonly expiresAt?: string
}

export interface PipelineWorkflows {
  /** the newest run and the newest ingest; what never ran is left out */
  readonly workflows: readonly WorkflowState[]
  /** the questions that the ledger has as open: their workflows may have ended */
  readonly questions: Readonly<Record<string, QuestionState>>
  readonly schedules: readonly ScheduleState[]
}

/** `open`: of the ledger, workflow ids by candidate. */
export async function pipelineWorkflows(
  client: Client,
  { name }: Pick<Plan, 'name'>,
  open: Readonly<Record<string, string>>,
): Promise<PipelineWorkflows> {
  const ids = [retrainWorkflowId(name), ingestWorkflowId(name)]
  const [states, questions, schedules] = await Promise.all([
    Promise.all(ids.map((id) => workflowState(client, id))),
    questionStates(client, open),
    scheduleStates(client, name),
  ])
  return { workflows: states.filter(({ state }) => state !== 'unknown'), questions, schedules }
}

/** State of the workflow that asks, by candidate. */
export async function questionStates(
  client: Client,
  open: Readonly<Record<string, string>>,
): Promise<Record<string, QuestionState>> {
  const states = Object.entries(open).map(
    async ([candidate, workflowId]) => [candidate, await questionState(client, workflowId)] as const,
  )
  return Object.fromEntries(await Promise.all(states))
}

async function questionState(client: Client, workflowId: string): Promise<QuestionState> {
  const state = await workflowState(client, workflowId)
  const expiresAt = state.state === 'running' ? await expiryOf(client, workflowId) : null
  return { ...state, ...(expiresAt !== null && { expiresAt }) }
}

/** Those that Temporal has, whatever the pipeline's file says now. */
async function scheduleStates(client: Client, pipeline: string): Promise<ScheduleState[]> {
  return (await schedulesNamed(client, pipeline)).map(({ id, description: { state } }) => {
    const { paused, note = '' } = state
    const pause = paused ? readPauseNote(note) : null
    return { schedule: id, paused, note, ...(pause !== null && { pause }) }
  })
}
