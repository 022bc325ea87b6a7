// Connections that commands open: the store, Temporal, Kafka.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { carryPlan, isLargePlan } from '../lake/plans.ts'
import { openS3Store, type S3Options, type S3Store } from '../lake/store/s3.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'
import type { Plan } from '../schemas/plan.ts'
import { openTemporal, temporalFailure } from './temporal-connection.ts'
import { latelySeen, newestSince, pollersOf, WORKFLOW_QUEUE } from './waiting/pollers.ts'

/** Throws SERVERS_UNKNOWN when neither `sluice up` nor the environment says where the servers are. */
export function requireEndpoints(config: Config): Endpoints {
  if (config.endpoints === null) throw failure('SERVERS_UNKNOWN')
  return config.endpoints
}

/** Opens the store for the time of `work`. */
export async function withStore<T>(
  config: Config,
  work: (store: S3Store) => Promise<T>,
  options?: S3Options,
): Promise<T> {
  const store = openS3Store(requireEndpoints(config).s3, options)
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

/** The plan as it travels through Temporal. Opens the store where it is large: it then becomes an object there. */
export async function carriedPlan(config: Config, plan: Plan): Promise<CarriedPlan> {
  return isLargePlan(plan) ? await withStore(config, (store) => carryPlan(store, plan)) : plan
}

/** Connects to Temporal for the time of `work`. Throws TEMPORAL_UNAVAILABLE, and TEMPORAL_REFUSED. */
export async function withTemporal<T>(config: Config, work: (client: Client) => Promise<T>): Promise<T> {
  const endpoint = requireEndpoints(config).temporal
  const { client, close } = await openTemporal(endpoint)
  try {
    return await work(client)
  } catch (error) {
    throw temporalFailure(error, endpoint)
  } finally {
    await close()
  }
}

/** True when a worker asked this queue for workflow tasks since `sinceMs`; default: so lately that it must still be there. */
export async function hasWorker(client: Client, queue: string, sinceMs?: number): Promise<boolean> {
  const pollers = await pollersOf(client, queue, WORKFLOW_QUEUE)
  return (sinceMs === undefined ? latelySeen(pollers, Date.now()) : newestSince(pollers, sinceMs)) !== null
}

/** The server lists a worker a moment after its first poll: one that has just started gets this long to show up. */
const APPEARS_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 250

/** Throws WORKER_MISSING when nobody works on the queue. */
export async function requireWorker(client: Client, queue: string): Promise<void> {
  const deadline = Date.now() + APPEARS_WITHIN_MS
  while (!(await hasWorker(client, queue))) {
    if (Date.now() >= deadline) throw failure('WORKER_MISSING', { queue })
    await delay(LOOK_EVERY_MS)
  }
}

/** Where a person sees a workflow in the web UI. */
export function workflowUrl(endpoints: Endpoints, workflowId: string): string {
  const { uiUrl, namespace } = endpoints.temporal
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`
}

/** Where a person reads the question that a workflow asks: the UI has that page for a run alone. `runId` null: the workflow's page. */
export function questionUrl(endpoints: Endpoints, workflowId: string, runId: string | null): string {
  const page = workflowUrl(endpoints, workflowId)
  return runId === null ? page : `${page}/${runId}/user-metadata`
}
