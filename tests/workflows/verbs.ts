// What a person can do in the Temporal UI, for the tests of each verb: a stage whose activities can be held, resets, raw messages.
import { randomUUID } from 'node:crypto'
import { Context, heartbeat } from '@temporalio/activity'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { inject } from 'vitest'
import type { Activities } from '../../activities/index.ts'
import { type WorkflowState, workflowState } from '../../cli/workflow-state.ts'
import { loadConfig } from '../../core/config.ts'
import { readLedger } from '../../lake/ledger.ts'
import type { LedgerState } from '../../schemas/ledger.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

interface Gate {
  readonly reached: PromiseWithResolvers<void>
  readonly released: PromiseWithResolvers<void>
}

export interface Held {
  /** resolves when an activity waits there */
  readonly reached: Promise<void>
  release(): void
}

export interface VerbStage extends Stage {
  /** The next call of this activity for this pipeline waits until it is released; a training also until it is cancelled. */
  hold(pipeline: string, activity: keyof Activities): Held
  ledger(pipeline: string): Promise<LedgerState>
  /** what the ledger holds, oldest first */
  kinds(pipeline: string): Promise<string[]>
  state(workflowId: string): Promise<WorkflowState>
}

export async function openVerbStage(
  activities: Partial<Activities> = {},
  endpoints: StageOptions['endpoints'] = inject('endpoints'),
): Promise<VerbStage> {
  const gates = new Map<string, Gate>()
  const held: Gate[] = []
  const before = async (name: string, input: unknown): Promise<void> => {
    const { plan, pipeline = plan?.name } = input as { plan?: { name: string }; pipeline?: string }
    const gate = gates.get(`${pipeline}/${name}`)
    if (gate === undefined) return
    gates.delete(`${pipeline}/${name}`)
    gate.reached.resolve()
    const beat = setInterval(() => heartbeat(), 200)
    try {
      const cancelled = name === 'trainModel' || name === 'evaluateCandidate' ? [Context.current().cancelled] : []
      await Promise.race([gate.released.promise, ...cancelled])
    } finally {
      clearInterval(beat)
    }
  }
  const stage = await openStage({ endpoints, cacheDir: loadConfig().cacheDir, activities, before })
  return {
    ...stage,
    hold(pipeline, activity) {
      const gate = { reached: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() }
      gates.set(`${pipeline}/${activity}`, gate)
      held.push(gate)
      return { reached: gate.reached.promise, release: () => gate.released.resolve() }
    },
    ledger: async (pipeline) => (await readLedger(stage.store, pipeline)).state,
    kinds: async (pipeline) => (await readLedger(stage.store, pipeline)).entries.map(({ change }) => change.kind),
    state: (workflowId) => workflowState(stage.client, workflowId),
    async close() {
      for (const { released } of held) released.resolve()
      await stage.close()
    },
  }
}

export const aName = (): string => `demo-${randomUUID().slice(0, 8)}`

// ── reset

/** Ids of the events that a run can be reset to: the ends of its workflow tasks. */
export async function resetPoints({ client, handle }: { client: Client; handle: WorkflowHandle }): Promise<number[]> {
  const { events } = await client.workflow.getHandle(handle.workflowId, await newestRun(client, handle)).fetchHistory()
  return (events ?? [])
    .filter((event) => event.workflowTaskCompletedEventAttributes)
    .map((event) => Number(event.eventId))
}

export async function newestRun(client: Client, { workflowId }: Pick<WorkflowHandle, 'workflowId'>): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).runId
}

export interface Reset {
  readonly workflowId: string
  /** the run that is reset; default: the newest */
  readonly runId?: string
  /** see resetPoints */
  readonly to: number
  /** all: messages after that point are delivered again, as is the UI's default */
  readonly reapply?: 'all' | 'none'
}

/** RESET_REAPPLY_TYPE_… of Temporal's API */
const REAPPLY = { none: 2, all: 3 } as const

export async function reset(
  client: Client,
  { workflowId, runId, to, reapply = 'all' }: Reset,
): Promise<WorkflowHandle> {
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: runId ?? (await newestRun(client, { workflowId })) },
    reason: 'a test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: to as never,
    resetReapplyType: REAPPLY[reapply],
  })
  return client.workflow.getHandle(workflowId, answer.runId)
}

// ── messages that no client would send

/** What a payload may be that a person typed under the wrong encoding. */
export const RAW_PAYLOADS = [
  { encoding: 'json/plain', data: 'no JSON' },
  { encoding: 'json/plain', data: '' },
  { encoding: 'json/protobuf', data: '{}' },
  { encoding: 'binary/plain', data: 'bytes' },
  { encoding: 'unheard/of', data: '1' },
] as const

/** Values that are JSON and no message. */
export const WRONG_VALUES = [
  null,
  5,
  'text',
  true,
  [],
  {},
  [{}],
  { plan: null },
  { plan: 5 },
  { by: 5 },
  { by: null },
] as const

export async function signalRaw(
  client: Client,
  { workflowId, signal, payload }: { workflowId: string; signal: string; payload: (typeof RAW_PAYLOADS)[number] },
): Promise<void> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    signalName: signal,
    input: { payloads: [{ metadata: { encoding: bytes(payload.encoding) }, data: bytes(payload.data) }] },
    identity: 'a person',
    requestId: randomUUID(),
  })
}

/** What the Temporal UI shows under Current Details. */
export async function currentDetails(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata')
  return metadata.currentDetails ?? ''
}
