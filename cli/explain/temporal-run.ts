// A run as Temporal remembers it: what each of its stages said, and which model came of it.
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { retrainWorkflowId } from '../../schemas/ids.ts'
import {
  RETRAIN_PROGRESS_QUERY,
  type RetrainProgress,
  type RetrainResult,
  type StageReport,
} from '../../schemas/run.ts'

export interface TemporalRun {
  readonly runId: string
  /** Temporal's word, e.g. "COMPLETED" */
  readonly status: string
  readonly startedAt: string
  readonly stages: readonly StageReport[]
  /** digest of the model that it trained or found; null: none yet */
  readonly candidate: string | null
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text is the id of a run in Temporal. */
export const isRunId = (text: string): boolean => RUN_ID.test(text)

/** null: Temporal has no such run of the pipeline, any more or at all. */
export async function temporalRun(client: Client, pipeline: string, runId: string): Promise<TemporalRun | null> {
  const handle = client.workflow.getHandle(retrainWorkflowId(pipeline), runId)
  try {
    const { status, startTime } = await handle.describe()
    const known = { runId, status: status.name, startedAt: startTime.toISOString() }
    if (status.name === 'COMPLETED') {
      const { stages, candidate } = (await handle.result()) as RetrainResult
      return { ...known, stages, candidate: candidate?.digest ?? null }
    }
    // no worker, no answer: the run's own words are then missing
    const progress = (await handle.query(RETRAIN_PROGRESS_QUERY).catch(() => null)) as RetrainProgress | null
    return { ...known, stages: progress?.stages ?? [], candidate: null }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
