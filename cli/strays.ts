// Pipelines whose file is gone and of which something is left in Temporal: schedules that start runs, candidates that wait.
import type { Client } from '@temporalio/client'
import { isMeant, type Pipelines } from '../plan/registry.ts'

const SCHEDULE = /^(.+)\/(?:cron|rows)-\d+$/
const QUESTION = /^promote\/(.+)\/[0-9a-f]{64}$/

/** Names, sorted. A file that is there and cannot be used is no stray. */
export async function findStrays(
  client: Client,
  { plans, invalid }: Pick<Pipelines, 'plans' | 'invalid'>,
): Promise<string[]> {
  const found = new Set<string>()
  const add = (name: string | undefined): void => {
    if (name !== undefined) found.add(name)
  }
  for await (const { scheduleId } of client.schedule.list()) add(SCHEDULE.exec(scheduleId)?.[1])
  const open = client.workflow.list({ query: "ExecutionStatus = 'Running' AND WorkflowType = 'promote'" })
  for await (const { workflowId } of open) add(QUESTION.exec(workflowId)?.[1])
  return [...found].filter((name) => !plans.has(name) && !invalid.some((each) => isMeant(each, name))).sort()
}
