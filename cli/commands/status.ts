// sluice status: what runs, what is live, what waits for a person.

import type { Client } from '@temporalio/client'
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { type ServerStatus, serverStatus } from '../../infra/servers/servers.ts'
import { readLedger } from '../../lake/ledger.ts'
import { type InvalidFile, loadPipelines } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { cameLive, rollbackWords } from '../../schemas/ledger.ts'
import { questionUrl, requireEndpoints, withStore, withTemporal } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { describeInvalid, invalidData } from '../output/describe-invalid.ts'
import { describeQuestion, describeSchedules, workflowTable } from '../output/describe-workflows.ts'
import { serverTable } from '../output/server-table.ts'
import { type PipelineWorkflows, pipelineWorkflows, type QuestionState } from '../pipeline-workflows.ts'
import { examples, type Shell } from '../shell.ts'
import { findStrays } from '../strays.ts'
import { type Around, describeAround, lookAround } from '../waiting/look-around.ts'

export interface PipelineStatus {
  readonly pipeline: string
  /** digest, or null */
  readonly champion: string | null
  /** in words, where a rollback put the champion back; absent: it was approved */
  readonly rollback?: string
  /** candidates that a person has to decide about */
  readonly waiting: readonly WaitingCandidate[]
  /** absent: Temporal could not be asked */
  readonly temporal?: Pick<PipelineWorkflows, 'workflows' | 'schedules'>
}

export interface WaitingCandidate {
  readonly candidate: string
  readonly workflowId: string
  readonly url: string
  /** of the workflow that asks, which somebody may have ended; absent: Temporal could not be asked */
  readonly question?: QuestionState
}

export interface SystemStatus {
  readonly servers: readonly ServerStatus[]
  readonly ready: boolean
  /** whether one asks for work; null: Temporal could not be asked */
  readonly worker: boolean | null
  /** pipelines of the project that can be used */
  readonly known: number
  /** each of them; empty where not ready */
  readonly pipelines: readonly PipelineStatus[]
  /** pipelines of which Temporal has schedules or questions, and this project no file: removed, or of another project; absent: none */
  readonly strays?: readonly PipelineStatus[]
  /** pipeline files that cannot be used */
  readonly invalid: readonly InvalidFile[]
  /** servers that do not answer from here, and runs with what they wait for; absent: nothing was looked at */
  readonly around?: Pick<Around, 'unreachable' | 'underWay'>
}

export function define(command: Command, shell: Shell): void {
  command.addHelpText('after', examples('sluice status', 'sluice status --json')).action(
    shell.action<[], object>(async ({ config, output }) => {
      const status = await readStatus(config)
      output.table(serverTable(status.servers))
      output.line(`\nworker: ${describeWorker(status.worker)}\n`)
      output.table(status.pipelines.map(pipelineRow))
      output.line()
      const workflows = status.pipelines.flatMap(({ temporal }) => temporal?.workflows ?? [])
      output.table(workflowTable(workflows, status.around?.underWay ?? []))
      for (const { pipeline, rollback, waiting, temporal } of status.pipelines) {
        if (rollback !== undefined) output.line(`${pipeline} was ${rollback}`)
        for (const question of waiting) for (const line of describeQuestion(pipeline, question)) output.line(line)
        for (const line of describeSchedules(temporal?.schedules ?? [])) output.line(line)
      }
      const tabled = new Set(workflows.map(({ workflowId }) => workflowId))
      for (const line of describeAround(status.around, tabled)) output.line(line)
      for (const line of (status.strays ?? []).flatMap(describeStray)) output.line(line)
      for (const line of describeInvalid(status.invalid)) output.line(line)
      if (!status.ready) output.line(`next: ${status.around?.unreachable.length ? BRING_BACK : '`sluice up`'}`)
      output.result({ ...status, invalid: invalidData(status.invalid) })
      return status.ready ? EXIT.ok : EXIT.notReady
    }),
  )
}

export const BRING_BACK = 'bring back what does not answer (local servers: `sluice up`), or correct its address'

function describeWorker(worker: boolean | null): string {
  if (worker === null) return 'not known: Temporal does not answer'
  return worker ? 'running' : 'none'
}

/** Looks at everything; what cannot be reached counts as not there. */
export async function readStatus(config: Config): Promise<SystemStatus> {
  const servers = await serverStatus({ stateDir: config.stateDir })
  const { plans, invalid } = await loadPipelines(config.projectDir)
  const { worker, ...around } = await lookAround(config, [...plans.keys()])
  const isAway = around.unreachable.some(({ name }) => name !== 'Kafka')
  // servers of one's own are not in the local table: reaching them decides
  const ready = config.endpoints !== null && !isAway
  const pipelines = ready ? await readPipelines(config, [...plans.keys()]) : []
  const names = ready
    ? await withTemporal(config, (client) => findStrays(client, { plans, invalid })).catch(() => [])
    : []
  const strays = names.length === 0 ? [] : await readPipelines(config, names)
  return { servers, ready, worker, around, known: plans.size, pipelines, ...(strays.length > 0 && { strays }), invalid }
}

async function readPipelines(config: Config, names: readonly string[]): Promise<PipelineStatus[]> {
  const ledgers = await withStore(config, (store) =>
    Promise.all(
      names.map(async (name) => {
        const { state, entries } = await readLedger(store, name)
        return { name, ...state, rollback: rollbackWords(cameLive(entries)) }
      }),
    ),
  )
  const found = await withTemporal(config, (client) => askTemporal(client, ledgers)).catch(() => null)
  return ledgers.map((ledger, i) => statusOf(config, { ...ledger, found: found?.[i] }))
}

interface Found {
  readonly name: string
  readonly champion: string | null
  readonly rollback: string | null
  /** workflow ids by candidate */
  readonly open: Readonly<Record<string, string>>
  readonly found?: PipelineWorkflows | undefined
}

function askTemporal(client: Client, ledgers: readonly Found[]): Promise<PipelineWorkflows[]> {
  return Promise.all(ledgers.map(({ name, open }) => pipelineWorkflows(client, { name }, open)))
}

function statusOf(config: Config, { name, champion, rollback, open, found }: Found): PipelineStatus {
  const endpoints = requireEndpoints(config)
  const waiting = Object.entries(open).map(([candidate, workflowId]) => {
    const question = found?.questions[candidate]
    return {
      candidate,
      workflowId,
      url: questionUrl(endpoints, workflowId, question?.runId ?? null),
      ...(question && { question }),
    }
  })
  const pipeline = { pipeline: name, champion, ...(rollback !== null && { rollback }), waiting }
  if (found === undefined) return pipeline
  const { workflows, schedules } = found
  return { ...pipeline, temporal: { workflows, schedules } }
}

function describeStray({ pipeline, waiting, temporal }: PipelineStatus): string[] {
  const schedules = (temporal?.schedules ?? []).filter(({ paused }) => !paused).map(({ schedule }) => schedule)
  const starts = schedules.length === 0 ? '' : `; still started by ${schedules.join(', ')}`
  return [
    `${pipeline} has no file in this project (removed, or of another project)${starts}: \`sluice delete ${pipeline}\` lists what is left`,
    ...waiting.flatMap((question) => describeQuestion(pipeline, question)),
  ]
}

function pipelineRow({ pipeline, champion, waiting }: PipelineStatus): Record<string, string> {
  return {
    pipeline,
    champion: champion === null ? 'none' : shortDigest(champion),
    waiting: waiting.map(({ candidate }) => shortDigest(candidate)).join(' ') || '-',
  }
}
