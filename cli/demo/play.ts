// The story of a demo: act 1, from events to a model that answers; act 2, the world changes and sluice retrains by itself.
import { readFile } from 'node:fs/promises'
import type { Client, WorkflowHandle } from '@temporalio/client'
import type { Config } from '../../core/config.ts'
import { readLedger } from '../../lake/ledger.ts'
import { carryPlan } from '../../lake/plans.ts'
import type { S3Store } from '../../lake/store/s3.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { Coverage } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import type { Serving } from '../../serving/server.ts'
import { serversOf } from '../../workers/servers/reach.ts'
import { applySchedulesOf, prepareSource } from '../apply-pipeline.ts'
import { requireEndpoints } from '../clients.ts'
import { describePrediction } from '../output/describe-prediction.ts'
import { describeGates, describeRows } from '../output/describe-result.ts'
import { followRun } from '../output/follow-run.ts'
import { formatCount, type Output } from '../output/output.ts'
import type { Progress } from '../output/progress.ts'
import { startRun } from '../start-run.ts'
import { userName } from '../user-name.ts'
import { awaitDecision } from './approval.ts'
import { type Act, toAct } from './report.ts'
import { sendMissing } from './send-missing.ts'
import { ask, curlLine, serveChampion, writeSampleRow } from './serve-champion.ts'
import type { Stopwatch } from './stopwatch.ts'
import { newestRun, nextRun } from './trigger.ts'

export interface Stage {
  readonly config: Config
  readonly plan: Plan
  readonly client: Client
  readonly store: S3Store
  readonly output: Output
  readonly progress: Progress
  readonly watch: Stopwatch
  readonly approve: boolean
  readonly signal: AbortSignal
  /** resolves when a worker polls */
  readonly worker: Promise<unknown>
  /** resolves when training has its backend, or is known to have a slower one */
  readonly native: Promise<unknown>
  /** closed by whoever opened the stage */
  readonly onServing: (serving: Serving) => void
}

/** Of the schedule in act 2; `sluice apply` has it look every ten seconds. */
const LOOK_EVERY_S = 2

/** Plays both acts; the second only if the first put a model into service. */
export async function play(stage: Stage): Promise<Act[]> {
  const { config, plan, client, output, progress, watch } = stage
  output.line('\nact 1: from events to a model that answers')
  const { outcome: applied } = await watch.time('apply', () => prepareSource(config, { plan, partitions: 3 }))
  output.line(`  topic ${plan.source.topic}: ${applied}`)
  const first = await watch.time('send', () => sendMissing({ config, plan, batch: 1, startsAt: 0, progress }))
  progress.line(`  sent ${formatCount(first.sent)} events${first.sent === 0 ? ': they are in the topic already' : ''}`)
  await watch.time('worker', () => stage.worker)
  await watch.time('backend', () => stage.native)
  // after the events, so that no trigger sees half of them
  await watch.time('apply', () => applySchedulesOf(config, plan))
  const handle = await startRun(client, { plan: await carryPlan(stage.store, plan), by: userName() })
  const act1 = await runAct(stage, { act: 1, handle, serving: null })
  if (act1.serving === null) return [act1.act]

  output.line('\nact 2: the world changes')
  const before = await newestRun(client, plan.name)
  const second = await watch.time('send', () => sendMissing({ config, plan, batch: 2, startsAt: first.end, progress }))
  if (second.sent === 0) {
    output.line('  the second batch is in the topic already: the run above has read it')
    return [act1.act]
  }
  progress.line(`  sent ${formatCount(second.sent)} events of another kind; no command follows`)
  progress.update({ label: 'wait', detail: `the schedule looks for new rows every ${LOOK_EVERY_S} s` })
  const triggered = await watch.time('trigger', async () => {
    // somebody watches; and not before all events are there, so that none of them is left for a later run
    await applySchedulesOf(config, plan, { pollEveryMs: LOOK_EVERY_S * 1_000 })
    const run = await nextRun(client, { pipeline: plan.name, before, signal: stage.signal })
    await applySchedulesOf(config, plan)
    return run
  })
  const act2 = await runAct(stage, { act: 2, handle: triggered, serving: act1.serving })
  return [act1.act, act2.act]
}

interface RunAct {
  readonly act: number
  readonly handle: WorkflowHandle
  /** the server of an earlier act */
  readonly serving: Serving | null
}

/** Follows one run, lets a person decide, and asks the model that is live then. */
async function runAct(stage: Stage, { act, handle, serving }: RunAct): Promise<{ act: Act; serving: Serving | null }> {
  const { client, config, progress, output, watch, plan, signal, store } = stage
  const servers = serversOf(requireEndpoints(config))
  const result = await followRun({ client, handle, what: 'the run', progress, servers, signal })
  for (const { stage: name, ms } of result.stages) watch.add(name, ms)
  tellResult(output, plan.source.topic, result)
  const outcome = await watch.time('approval', () => settle(stage, result))
  const { champion } = (await readLedger(store, plan.name)).state
  if (champion === null) {
    const finished = toAct(result, { act, outcome, champion, prediction: null })
    return { act: finished, serving }
  }
  return watch.time('serve', async () => {
    const open = serving ?? (await openServing(stage))
    await open.refresh()
    const prediction = await showAnswer(stage, open, champion)
    return { act: toAct(result, { act, outcome, champion, prediction }), serving: open }
  })
}

function tellResult(output: Output, topic: string, result: RetrainResult): void {
  if (result.ingested.length > 0) output.line(`  read: ${result.ingested.map(describeRange(topic)).join(', ')}`)
  for (const line of [...describeRows(result), ...describeGates(result)]) output.line(line)
}

const describeRange =
  (topic: string) =>
  ({ partition, start, end }: Coverage): string =>
    `${topic}/${partition} [${start}, ${end})`

/** What became of the candidate. */
async function settle(stage: Stage, { outcome, promotion, candidate }: RetrainResult): Promise<Act['outcome']> {
  const { output, plan } = stage
  if (promotion === null || candidate === null) {
    output.line(
      `  ${outcome}: ${outcome === 'gates failed' ? 'nobody is asked, the champion stays' : 'nobody needs to be asked'}`,
    )
    return outcome
  }
  const waiting = { pipeline: plan.name, candidate: candidate.digest, workflowId: promotion }
  const state = await awaitDecision({ ...stage, waiting })
  output.line(`  candidate ${shortDigest(candidate.digest)}: ${state}`)
  return state === 'open' ? outcome : state
}

async function openServing(stage: Stage): Promise<Serving> {
  const { config, store, plan, output } = stage
  const onEvent = ({ kind, model }: { kind: string; model: string | null }) =>
    output.line(`  server: ${kind} ${model === null ? '' : shortDigest(model)}`)
  const serving = await serveChampion(config, { store, plan, onEvent })
  stage.onServing(serving)
  return serving
}

async function showAnswer({ config, store, plan, output }: Stage, serving: Serving, champion: string) {
  const file = await writeSampleRow(config, store, champion)
  const url = `${serving.url}${plan.serve.path}`
  const { model, prediction } = await ask(url, await readFile(file, 'utf8'))
  output.line(`  model ${shortDigest(model)} answers: ${describePrediction(prediction)}`)
  output.line(`  ask it: ${curlLine(url, file)}`)
  return prediction
}
