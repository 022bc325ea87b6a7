// Deletes a pipeline: first it is looked at, then what starts it goes, then its questions, and with its data what nobody else needs.
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { type Ledger, readLedger } from '../lake/ledger.ts'
import type { ListingStore } from '../lake/store/store.ts'
import { deletePipelineData, findPipelineData, type PipelineData } from '../lake/upkeep/pipeline-data.ts'
import { isMeant, loadPipeline, loadPipelines, type Pipelines } from '../plan/registry.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { listed } from '../schemas/shown.ts'
import { sourceOf } from '../stages/ingest/source.ts'
import { openIn } from '../stages/promote/ledger-changes.ts'
import { closeQuestion } from '../stages/promote/put-question.ts'
import { retire } from '../stages/promote/retire.ts'
import { schedulesNamed } from '../workers/pause.ts'
import { withStore, withTemporal } from './clients.ts'
import { requireQuiet } from './require-quiet.ts'

export interface Deletion {
  readonly pipeline: string
  /** relative to the project; null: it has none any more */
  readonly file: string | null
  readonly topic: string | null
  /** ids */
  readonly schedules: readonly string[]
  /** candidates that wait */
  readonly questions: readonly string[]
  readonly champion: string | null
  /** entries of the ledger */
  readonly decisions: number
  /** null: it stays */
  readonly data: PipelineData | null
}

/**
 * Throws PIPELINE_UNKNOWN for a name of which nothing is known anywhere, PIPELINE_BUSY, and with data COLLECT_BUSY and READERS_UNKNOWN.
 */
export async function lookAtDeletion(config: Config, pipeline: string, withData: boolean): Promise<Deletion> {
  const schedules = await withTemporal(config, async (client) => {
    await requireStill(client, pipeline)
    if (withData) await requireQuiet(client)
    return await schedulesNamed(client, pipeline)
  })
  const project = await loadPipelines(config.projectDir)
  const plan = project.plans.get(pipeline)
  const unusable = project.invalid.find((each) => isMeant(each, pipeline))
  return await withStore(config, async (store) => {
    const { state, entries } = await readLedger(store, pipeline)
    if (plan === undefined && schedules.length + entries.length === 0) await requireTraces(config, store, pipeline)
    return {
      pipeline,
      file: project.files.get(pipeline) ?? unusable?.file ?? null,
      topic: plan?.source.topic ?? null,
      schedules: schedules.map(({ id }) => id),
      questions: Object.keys(state.open),
      champion: state.champion,
      decisions: entries.length,
      data: withData ? await dataOf(store, project, pipeline) : null,
    }
  })
}

/** What only this pipeline needs, as it is now. Throws READERS_UNKNOWN where a file does not say which source it reads. */
async function dataOf(store: ListingStore, { plans, invalid }: Pipelines, pipeline: string): Promise<PipelineData> {
  const silent = invalid.filter((each) => !isMeant(each, pipeline)).map(({ file }) => file)
  if (silent.length > 0) throw failure('READERS_UNKNOWN', { pipeline, files: listed(silent) })
  const readers = new Map<string, string[]>()
  for (const { name, ...other } of plans.values()) {
    const { id } = sourceOf(other, '')
    if (name !== pipeline) readers.set(id, [...(readers.get(id) ?? []), name])
  }
  const plan = plans.get(pipeline)
  const sources = plan === undefined ? [] : [sourceOf(plan, '').id]
  return await findPipelineData(store, { pipeline, sources, readers })
}

/** Nothing may be known of it but what a deletion left that was killed. */
async function requireTraces(config: Config, store: ListingStore, pipeline: string): Promise<void> {
  for await (const _key of store.list(`stages/${pipeline}/`)) return
  await loadPipeline(config.projectDir, pipeline) // throws with the name that may be meant
}

interface Who {
  readonly by: string
  readonly reason: string
}

/**
 * Each step may be done again: what is gone already is no error. With data what goes is looked up once more: since it was listed another
 * pipeline may have come to need some of it. Returns what went. Throws PIPELINE_BUSY and COLLECT_BUSY where a run began meanwhile,
 * READERS_UNKNOWN.
 */
export async function deletePipeline(
  config: Config,
  { pipeline, data }: Pick<Deletion, 'pipeline' | 'data'>,
  who: Who,
): Promise<PipelineData | null> {
  return await withTemporal(config, async (client) => {
    // from the end: an interrupted removal leaves no gap that would hide the rest
    for (const { handle } of (await schedulesNamed(client, pipeline)).toReversed()) await unlessGone(handle.delete())
    await requireStill(client, pipeline)
    return await withStore(config, async (store) => {
      const ledger = await readLedger(store, pipeline)
      await closeQuestions(client, store, { pipeline, ledger, who })
      if (data === null) return null
      await retire(store, pipeline, who)
      const now = await dataOf(store, await loadPipelines(config.projectDir), pipeline)
      await requireQuiet(client) // last: what began before it was looked up has ended
      await deletePipelineData(store, now)
      return now
    })
  })
}

/** In the ledger first, in words; then the workflow that asks ends, which shows them. */
async function closeQuestions(
  client: Client,
  store: ListingStore,
  { pipeline, ledger, who }: { readonly pipeline: string; readonly ledger: Ledger; readonly who: Who },
): Promise<void> {
  for (const { model } of openIn(ledger.state)) {
    await closeQuestion(store, {
      pipeline,
      model,
      state: 'withdrawn',
      ...who,
      reason: `the pipeline was deleted by ${who.by}: ${who.reason}`,
      via: 'cancellation',
      evaluation: '',
      replaces: null,
      at: new Date().toISOString(),
      commitId: `delete/${model}/${ledger.entries.length}`,
    }).catch((error: unknown) => {
      if (!isFailure(error, 'QUESTION_CLOSED')) throw error
    })
  }
  // those too whose end was recorded by a deletion that was killed here
  for (const asking of await runningOf(client, pipeline, ['promote']))
    await unlessGone(client.workflow.getHandle(asking).cancel())
}

/** A second deletion beside this one, or a question that ended by itself, was faster. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof ScheduleNotFoundError || error instanceof WorkflowNotFoundError)) throw error
  })
}

/** A trigger that is on its way asks for a run, or does not, within a moment. */
const TRIGGERS_END_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 200

/** Throws PIPELINE_BUSY. */
async function requireStill(client: Client, pipeline: string): Promise<void> {
  const deadline = Date.now() + TRIGGERS_END_WITHIN_MS
  for (;;) {
    const running = await runningOf(client, pipeline, ['ingest', 'retrain', 'trigger'])
    if (running.length === 0) return
    const areTriggers = running.every((workflowId) => workflowId.startsWith('trigger/'))
    if (!areTriggers || Date.now() > deadline)
      throw failure('PIPELINE_BUSY', { pipeline, workflows: running.join(', ') })
    await delay(LOOK_EVERY_MS)
  }
}

/** Ids of workflows of these types, each of which begins with its type and the pipeline. */
async function runningOf(client: Client, pipeline: string, types: readonly string[]): Promise<string[]> {
  const words = types.map((type) => `WorkflowType = '${type}'`).join(' OR ')
  const found: string[] = []
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running' AND (${words})` })) {
    const [, name] = workflowId.split('/')
    if (name === pipeline) found.push(workflowId)
  }
  return found.sort()
}
