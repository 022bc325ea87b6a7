// A run under Temporal's own verbs: wherever somebody ends or resets it, the lake and the ledger are as after an undisturbed one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Activities } from '../../activities/index.ts'
import { createIngestActivities } from '../../activities/ingest.ts'
import { resultAfterResets } from '../../cli/output/result-after-resets.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { retrainWorkflowId } from '../../schemas/ids.ts'
import type { RetrainInput, RetrainResult } from '../../schemas/run.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import { demoEvents } from '../activities/twins.ts'
import { aDataset, aModel, anEvaluation, aPlan } from './builders.ts'
import { aName, newestRun, openVerbStage, reset, resetPoints, type VerbStage } from './verbs.ts'

const lake = memoryStore()
const broker = memoryBroker()
const clients = { store: lake, broker, limits: { maxRangeRows: 10, maxRangeBytes: 1_000_000 } }
let stage: VerbStage

beforeAll(async () => {
  stage = await openVerbStage({
    ...createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) }),
    cleanSnapshot: async ({ plan }) => ({ value: aDataset(plan.name), reused: false, why: 'first run' }),
    trainModel: async ({ plan }) => ({ value: aModel(plan.name, plan.name), reused: false, why: 'first run' }),
    evaluateCandidate: async ({ model, champion }) => ({
      value: anEvaluation('PASS', model, champion?.digest ?? null),
      reused: false,
      why: 'first run',
    }),
  })
})
afterAll(async () => await stage.close())

const EVENTS = 55

/** A pipeline with a topic of its own, on which events wait. */
async function aPipeline() {
  const name = aName()
  const plan = aPlan({ name, source: { topic: name, format: 'json' } })
  await broker.createTopic({ topic: name, partitions: 1 })
  broker.append(name, 0, demoEvents(EVENTS))
  const workflowId = retrainWorkflowId(name)
  const input: RetrainInput = { plan, reason: 'person', by: 'a test' }
  const { client, queue: taskQueue } = stage
  const source = sourceOf(plan, await broker.clusterId())
  const digest = aModel(name, name).digest
  return {
    name,
    digest,
    workflowId,
    handle: client.workflow.getHandle(workflowId),
    start: () => client.workflow.start('retrain', { taskQueue, workflowId, args: [input] }),
    run: async () =>
      (await client.workflow.execute('retrain', { taskQueue, workflowId, args: [input] })) as RetrainResult,
    promotion: client.workflow.getHandle(`promote/${name}/${digest}`),
    kinds: () => stage.kinds(name),
    state: () => stage.state(workflowId),
    /** offsets in the lake, each once */
    async covered() {
      const head = await headSnapshot({ store: lake, source })
      return head === null
        ? null
        : { coverage: head.coverage, rows: head.snapshot.rows, version: head.snapshot.version }
    },
    async answer(decision: 'approve' | 'reject' = 'approve') {
      const args: [unknown] = [{ decision, candidateDigest: digest, by: 'Ada', reason: 'because' }]
      return await client.workflow
        .getHandle(`promote/${name}/${digest}`)
        .executeUpdate<unknown, [unknown]>('decide', { args })
    },
  }
}

const WHOLE = { coverage: [{ partition: 0, start: 0, end: EVENTS }], rows: EVENTS, version: 1 }
const STAGES = [
  'planIngest',
  'ingestRanges',
  'commitIngest',
  'cleanSnapshot',
  'trainModel',
  'readStanding',
  'evaluateCandidate',
  'summarise',
  'putQuestion',
] as const satisfies readonly (keyof Activities)[]

describe.each(['terminate', 'cancel'] as const)('%s', (verb) => {
  test.each(STAGES)('at %s: the next run ends as if nothing had been', async (activity) => {
    const pipeline = await aPipeline()
    const held = stage.hold(pipeline.name, activity)
    const first = await pipeline.start()
    await held.reached
    await pipeline.handle[verb]()
    if (activity !== 'putQuestion') await first.result().catch(() => undefined)
    held.release()
    await first.result().catch(() => undefined)
    expect((await pipeline.state()).state).toBe(verb === 'cancel' ? 'cancelled' : 'terminated')
    expect(await pipeline.run()).toMatchObject({ outcome: 'waiting for approval' })
    expect(await pipeline.covered()).toEqual(WHOLE)
    expect(await pipeline.kinds()).toEqual(['proposed'])
    expect(await pipeline.answer()).toMatchObject({ state: 'approved' })
    expect(await pipeline.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('at the question: somebody asks it all the same', async () => {
    const pipeline = await aPipeline()
    const held = stage.hold(pipeline.name, 'putQuestion')
    const first = await pipeline.start()
    await held.reached
    await pipeline.handle[verb]()
    held.release()
    await first.result().catch(() => undefined)
    await expect.poll(pipeline.kinds).toEqual(['proposed'])
    expect(await pipeline.answer('reject')).toMatchObject({ state: 'rejected' })
    expect(await pipeline.run()).toMatchObject({ outcome: 'already decided', promotion: null })
    expect(await pipeline.kinds()).toEqual(['proposed', 'rejected'])
  })
})

describe('reset', () => {
  const states = ['open', 'approve', 'reject'] as const
  test.each(states)('after its end, the question then: %s', { timeout: 120_000 }, async (decision) => {
    const pipeline = await aPipeline()
    expect(await pipeline.run()).toMatchObject({ outcome: 'waiting for approval' })
    if (decision !== 'open') await pipeline.answer(decision)
    const kinds = await pipeline.kinds()
    const runId = await newestRun(stage.client, pipeline)
    for (const to of await resetPoints({ client: stage.client, handle: pipeline.handle })) {
      const again = await reset(stage.client, { workflowId: pipeline.workflowId, runId, to })
      const { outcome } = (await again.result()) as RetrainResult
      const expected = {
        open: ['waiting for approval'],
        approve: ['nothing new', 'already decided'],
        reject: ['already decided'],
      }
      // the last point is behind the question
      expect([...expected[decision], 'waiting for approval'], `reset to ${to}`).toContain(outcome)
      expect(await pipeline.covered(), `reset to ${to}`).toEqual(WHOLE)
      expect(await pipeline.kinds(), `reset to ${to}`).toEqual(kinds)
    }
    if (decision !== 'open') return
    expect(await pipeline.answer()).toMatchObject({ state: 'approved' })
    expect(await pipeline.kinds()).toEqual(['proposed', 'promoted'])
  })

  test('a run that took the place of another ends when it is terminated', async () => {
    const pipeline = await aPipeline()
    const first = await pipeline.start()
    const resets: string[] = []
    const held = stage.hold(pipeline.name, 'trainModel')
    const followed = resultAfterResets(stage.client, first, () => resets.push('reset')).catch((error) => error.cause)
    await held.reached
    const heldAgain = stage.hold(pipeline.name, 'trainModel')
    const [to] = await resetPoints({ client: stage.client, handle: pipeline.handle })
    await reset(stage.client, { workflowId: pipeline.workflowId, to: to! })
    await heldAgain.reached
    await pipeline.handle.terminate('enough')
    expect(await followed).toMatchObject({ name: 'TerminatedFailure', message: 'enough' })
    expect(resets).toEqual(['reset'])
    expect(await pipeline.state()).toMatchObject({ state: 'terminated', why: expect.stringContaining('enough') })
  })

  test.each(STAGES)('at %s: the run that takes its place ends as it would have', async (activity) => {
    const pipeline = await aPipeline()
    const held = stage.hold(pipeline.name, activity)
    const first = await pipeline.start()
    const resets: string[] = []
    const followed = resultAfterResets(stage.client, first, () => resets.push('reset'))
    await held.reached
    const points = await resetPoints({ client: stage.client, handle: pipeline.handle })
    const again = await reset(stage.client, { workflowId: pipeline.workflowId, to: points.at(-1)! })
    expect(await pipeline.state()).toMatchObject({ why: expect.stringContaining('reset') })
    const ending = again.result() as Promise<RetrainResult>
    if (activity !== 'trainModel' && activity !== 'evaluateCandidate') held.release()
    expect(await ending).toMatchObject({ outcome: 'waiting for approval' })
    expect([await followed, resets]).toEqual([await ending, ['reset']]) // as `sluice run` follows it
    expect(await pipeline.covered()).toMatchObject({ coverage: WHOLE.coverage, rows: WHOLE.rows })
    expect(await pipeline.kinds()).toEqual(['proposed'])
    expect(await pipeline.answer()).toMatchObject({ state: 'approved' })
  })
})
