// Records one history per outcome from real runs, for replay.test.ts. Run it after a change that is meant to
// break replays: SLUICE_TEMPORAL_ADDRESS=host:port node tests/workflows/record-histories.ts [retrains | promotions | rest | loss | verbs | rollbacks]
// (other settings as for every command; default: all).
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import type { Activities } from '../../activities/index.ts'
import { loadConfig } from '../../core/config.ts'
import { appendLedger, readLedger } from '../../lake/ledger.ts'
import type { PromoteInput, QuestionStatus } from '../../schemas/approval.ts'
import { failure } from '../../schemas/failures.ts'
import { promoteWorkflowId } from '../../schemas/ids.ts'
import type { RetrainInput } from '../../schemas/run.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { aModel, anEvaluation, aPlan, aQuestion, aSnapshot, aSource } from './builders.ts'
import { heldTraining } from './held-training.ts'
import { openStage, type Stage } from './stage.ts'

const config = loadConfig()
if (config.endpoints === null) throw failure('SERVERS_UNKNOWN')
const { endpoints } = config

async function onStage(activities: Partial<Activities>, work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage({ endpoints, cacheDir: config.cacheDir, activities })
  try {
    await work(stage)
  } finally {
    await stage.close()
  }
}

async function save(name: string, handle: WorkflowHandle): Promise<void> {
  const { events } = await handle.fetchHistory()
  const file = new URL(`../histories/${name}.json`, import.meta.url)
  const text = historyToJSON({ events: events ?? [] }).replaceAll(`@${hostname()}`, '@host')
  const withoutStacks = JSON.stringify(JSON.parse(text, (name, value) => (name === 'stackTrace' ? '' : value)))
  writeFileSync(file, `${withoutStacks}\n`)
  console.log(`${name}: ${events?.length} events`)
}

function startRetrain({ client, queue, pipeline }: Stage) {
  const input: RetrainInput = { plan: aPlan({ name: pipeline }), reason: 'person', by: 'a recording' }
  return client.workflow.start('retrain', { taskQueue: queue, workflowId: `retrain/${pipeline}`, args: [input] })
}

async function retrainTo(name: string, activities: Partial<Activities>): Promise<void> {
  await onStage(activities, async (stage) => {
    const handle = await startRetrain(stage)
    await handle.result().catch(() => undefined)
    await save(name, handle)
  })
}

async function ask(stage: Stage, changes: Partial<PromoteInput> = {}, approval = aPlan().approval) {
  const name = changes.plan?.name ?? `demo-${randomUUID().slice(0, 8)}`
  const model = changes.model ?? aModel(randomUUID(), name)
  const plan = aPlan({ name, approval })
  const args: [PromoteInput] = [aQuestion({ plan, model, evaluation: anEvaluation('PASS', model), ...changes })]
  const workflowId = promoteWorkflowId(name, model.digest)
  const handle = await stage.client.workflow.start('promote', { taskQueue: stage.queue, workflowId, args })
  return { handle, digest: model.digest, plan, name }
}

async function recordRetrains(): Promise<void> {
  const nothing = { source: aSource, head: null, ranges: [], more: false }
  const failed = { value: anEvaluation('FAIL'), reused: false, why: 'first run' }
  await retrainTo('retrain-waiting', {})
  await retrainTo('retrain-nothing-to-learn-from', { planIngest: async () => nothing })
  await retrainTo('retrain-gates-failed', { evaluateCandidate: async () => failed })
  await retrainTo('retrain-nothing-new', {
    planIngest: async () => ({ ...nothing, head: aSnapshot() }),
    readStanding: async () => ({ champion: { digest: aModel().digest, key: aModel().key }, last: 'promoted' }),
  })
  await retrainTo('retrain-already-decided', { readStanding: async () => ({ champion: null, last: 'rejected' }) })
  await retrainTo('retrain-broken', {
    cleanSnapshot: () => Promise.reject(failure('RULE_FAILED', { rule: 'r', expected: 'a', found: 'b' })),
  })
  let commits = 0
  await retrainTo('retrain-lost-race', {
    commitIngest: async () => {
      if (++commits === 1) throw failure('CHAIN_CONFLICT', { chain: 'c', version: 1 })
      return aSnapshot()
    },
  })
  await recordSuccessor()
}

async function recordSuccessor(): Promise<void> {
  const { begun, release, trainModel } = heldTraining()
  await onStage({ trainModel }, async (stage) => {
    const handle = await startRetrain(stage)
    await begun
    await handle.signal('trigger', { plan: aPlan({ name: stage.pipeline }), reason: 'cron', by: 'a recording' })
    release()
    await handle.result()
    const first = stage.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId)
    await save('retrain-successor', first)
  })
}

async function recordPromotions(): Promise<void> {
  await onStage({}, async (stage) => {
    const approved = await ask(stage)
    await approved.handle
      .executeUpdate('decide', { args: [{ decision: 'maybe', candidateDigest: approved.digest }] })
      .catch(() => undefined)
    await approved.handle.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: approved.digest }] })
    await save('promote-approved', approved.handle)

    const rejected = await ask(stage)
    await rejected.handle.signal('decideSignal', { decision: 'reject', reason: 'no', candidateDigest: rejected.digest })
    await rejected.handle.result()
    await save('promote-rejected', rejected.handle)

    const expired = await ask(stage, {}, { ask: 'nobody', remindMs: 300, expireMs: 1_000 })
    await expired.handle.result()
    await save('promote-expired', expired.handle)

    const older = await ask(stage)
    while (!(await readLedger(stage.store, older.name)).state.open[older.digest]) await delay(20)
    const newer = await ask(stage, { plan: older.plan })
    await older.handle.result()
    await save('promote-superseded', older.handle)
    await save('promote-open', newer.handle)
    await newer.handle.terminate()

    const late = await ask(stage)
    const decision = { by: 'Cy', identity: 'stated', reason: 'first', at: new Date().toISOString() } as const
    await appendLedger(stage.store, {
      pipeline: late.name,
      commitId: 'elsewhere',
      decide: () => ({ kind: 'promoted', model: aModel('other').digest, evaluation: 'e', replaces: null, ...decision }),
    })
    await late.handle.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: late.digest }] })
    await save('promote-outdated', late.handle)
  })
}

async function recordRest(): Promise<void> {
  await onStage({ countNewRows: async () => 7 }, async ({ client, queue, pipeline }) => {
    const options = { taskQueue: queue, workflowId: `trigger/${pipeline}` }
    const plan = aPlan({ name: pipeline })
    const handle = await client.workflow.start('trigger', {
      ...options,
      args: [{ plan, trigger: { when: 'rows', rows: 5 } }],
    })
    await handle.result()
    await save('trigger-rows', handle)
    const ingest = await client.workflow.start('ingest', {
      taskQueue: queue,
      workflowId: `ingest/${pipeline}`,
      args: [{ plan }],
    })
    await ingest.result()
    await save('ingest', ingest)
  })
}

/** Two losses, then a run whose offsets cannot be published. */
async function recordLoss(): Promise<void> {
  const log = { topicId: 'P47kMY_STd2ilZEivWzyNg', epochs: [3] }
  const ranges = [{ topic: 'demo', partition: 0, start: 0, end: 102 }]
  const activities: Partial<Activities> = {
    planIngest: async () => ({ source: aSource, head: aSnapshot(), log, ranges, more: false }),
    commitIngest: async () => ({ ...aSnapshot(), offsetsPublished: false }),
  }
  await onStage(activities, async ({ client, queue, pipeline }) => {
    const acceptance = { by: 'a recording', reason: 'retention was too short', at: '2026-11-24T10:00:00Z' }
    const losses = [0, 1].map((partition) => ({ topic: 'demo', partition, start: 10, end: 15 }))
    const handle = await client.workflow.start('ingest', {
      taskQueue: queue,
      workflowId: `ingest/${pipeline}/loss`,
      args: [{ plan: aPlan({ name: pipeline }), accept: { losses, acceptance } }],
    })
    await handle.result()
    await save('ingest-accepts-loss', handle)
  })
}

/** A question that somebody cancelled, and two runs that find their question ended: one was reset, one asks about what was decided. */
async function recordVerbs(): Promise<void> {
  await onStage({}, async (stage) => {
    const withdrawn = await ask(stage)
    while (!(await readLedger(stage.store, withdrawn.name)).state.open[withdrawn.digest]) await delay(20)
    await withdrawn.handle.cancel()
    await withdrawn.handle.result().catch(() => undefined)
    await save('promote-withdrawn', withdrawn.handle)

    const handle = await startRetrain(stage)
    const { promotion } = (await handle.result()) as { promotion: string }
    await save('retrain-asked', handle)
    const question = stage.client.workflow.getHandle(promotion)
    const candidateDigest = promotion.split('/')[2]!
    await question.executeUpdate('decide', { args: [{ decision: 'reject', reason: 'no', candidateDigest }] })
    await save('promote-decided', question)
    const { input, taskQueue } = { input: aQuestion({ plan: aPlan({ name: stage.pipeline }) }), taskQueue: stage.queue }
    const again = await stage.client.workflow.start('promote', { taskQueue, workflowId: promotion, args: [input] })
    await again.result()
    await save('promote-ended-before', again)
  })
}

/** Rollbacks by their start and by the update, one that is refused; a question under one, and an older one beside a newer. */
async function recordRollbacks(): Promise<void> {
  await onStage({}, async (stage) => {
    const roll = async (name: string, input: object, then?: (handle: WorkflowHandle) => Promise<unknown>) => {
      const options = { taskQueue: stage.queue, workflowId: `rollback/${stage.pipeline}`, args: [input] }
      const handle = await stage.client.workflow.start('rollback', options)
      await then?.(handle)
      await handle.result().catch(() => undefined)
      await save(name, handle)
    }
    const { pipeline } = stage
    const live = ['first', 'second', 'third'].map((name) => aModel(name).digest)
    for (const model of live) await promoteModel(stage.store, { pipeline, model })
    const model = aModel('candidate')
    const plan = aPlan({ name: pipeline })
    const asked = await ask(stage, { plan, model, evaluation: anEvaluation('PASS', model, live[2]) })
    while (!(await readLedger(stage.store, pipeline)).state.open[asked.digest]) await delay(20)
    await roll('rollback-refused', { pipeline, to: 'ffffffff', reason: 'a recording' })
    await roll('rollback-done', { pipeline, reason: 'a recording', by: 'Cy' })
    while ((await asked.handle.query<QuestionStatus>('question')).champion !== live[1]) await delay(20)
    const worse = aModel('worse')
    const evaluation = { ...anEvaluation('PASS', worse, live[1]), metrics: { accuracy: 0.5 } }
    const newer = await ask(stage, { plan, model: worse, evaluation })
    while (!(await readLedger(stage.store, pipeline)).state.open[newer.digest]) await delay(20)
    await newer.handle.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: newer.digest }] })
    await save('promote-better', newer.handle)
    while ((await asked.handle.query<QuestionStatus>('question')).champion !== newer.digest) await delay(20)
    await asked.handle.executeUpdate('decide', { args: [{ decision: 'approve', candidateDigest: asked.digest }] })
    await save('promote-judged-again', asked.handle)
    await roll('rollback-chosen', { pipeline }, async (handle) => {
      await handle.executeUpdate('rollback', { args: [{ to: 1, reason: 'a recording' }] })
    })
  })
}

const PARTS = {
  retrains: recordRetrains,
  promotions: recordPromotions,
  rest: recordRest,
  loss: recordLoss,
  verbs: recordVerbs,
  rollbacks: recordRollbacks,
}
const [only] = process.argv.slice(2)
for (const [name, record] of Object.entries(PARTS)) if (only === undefined || only === name) await record()
