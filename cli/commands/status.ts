// sluice status: what runs, what is live, what waits for a person.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { type ServerStatus, serverStatus } from '../../infra/servers/servers.ts'
import { readLedger } from '../../lake/ledger.ts'
import { type InvalidFile, loadPipelines } from '../../plan/registry.ts'
import { MAIN_QUEUE, shortDigest } from '../../schemas/ids.ts'
import { hasWorker, requireEndpoints, withStore, withTemporal, workflowUrl } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { describeInvalid, invalidData } from '../output/describe-invalid.ts'
import { serverTable } from '../output/server-table.ts'
import { examples, type Shell } from '../shell.ts'

export interface PipelineStatus {
  readonly pipeline: string
  /** digest, or null */
  readonly champion: string | null
  /** candidates that a person has to decide about */
  readonly waiting: readonly { readonly candidate: string; readonly workflowId: string; readonly url: string }[]
}

export interface SystemStatus {
  readonly servers: readonly ServerStatus[]
  readonly ready: boolean
  readonly worker: boolean
  readonly pipelines: readonly PipelineStatus[]
  /** pipeline files that cannot be used */
  readonly invalid: readonly InvalidFile[]
}

export function define(command: Command, shell: Shell): void {
  command.addHelpText('after', examples('sluice status', 'sluice status --json')).action(
    shell.action<[], object>(async ({ config, output }) => {
      const status = await readStatus(config)
      output.table(serverTable(status.servers))
      output.line(`\nworker: ${status.worker ? 'running' : 'none'}\n`)
      output.table(status.pipelines.map(pipelineRow))
      for (const { waiting } of status.pipelines) for (const { url } of waiting) output.line(`waits for you: ${url}`)
      for (const line of describeInvalid(status.invalid)) output.line(line)
      if (!status.ready) output.line('next: `sluice up`')
      output.result({ ...status, invalid: invalidData(status.invalid) })
      return status.ready ? EXIT.ok : EXIT.notReady
    }),
  )
}

/** Looks at everything; what cannot be reached counts as not there. */
export async function readStatus(config: Config): Promise<SystemStatus> {
  const servers = await serverStatus({ stateDir: config.stateDir })
  const local = servers.every(({ running }) => running)
  // servers of one's own are not in the local table: there, reaching them decides
  const worker = config.endpoints === null ? null : await pollingWorker(config).catch(() => null)
  const ready = config.endpoints !== null && (local || worker !== null)
  const found = ready ? await readPipelines(config) : { pipelines: [], invalid: [] }
  return { servers, ready, worker: worker ?? false, ...found }
}

const pollingWorker = (config: Config): Promise<boolean> =>
  withTemporal(config, (client) => hasWorker(client, MAIN_QUEUE))

async function readPipelines(config: Config): Promise<Pick<SystemStatus, 'pipelines' | 'invalid'>> {
  const endpoints = requireEndpoints(config)
  const { plans, invalid } = await loadPipelines(config.projectDir)
  const pipelines = await withStore(config, (store) =>
    Promise.all(
      [...plans.keys()].map(async (pipeline) => {
        const { state } = await readLedger(store, pipeline)
        const waiting = Object.entries(state.open).map(([candidate, workflowId]) => ({
          candidate,
          workflowId,
          url: workflowUrl(endpoints, workflowId),
        }))
        return { pipeline, champion: state.champion, waiting }
      }),
    ),
  )
  return { pipelines, invalid }
}

function pipelineRow({ pipeline, champion, waiting }: PipelineStatus): Record<string, string> {
  return {
    pipeline,
    champion: champion === null ? 'none' : shortDigest(champion),
    waiting: waiting.map(({ candidate }) => shortDigest(candidate)).join(' ') || '-',
  }
}
