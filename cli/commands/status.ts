// sluice status: what runs, what is live, what waits for a person.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { type ServerStatus, serverStatus } from '../../infra/servers/servers.ts'
import { readLedger } from '../../lake/ledger.ts'
import { loadPipelines } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { requireEndpoints, withStore, workflowUrl } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { serverTable } from '../output/server-table.ts'
import { examples, type Shell } from '../shell.ts'
import { type Around, describeAround, lookAround } from '../waiting/look-around.ts'

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
  /** servers that do not answer from here, and runs with what they wait for; absent: nothing was looked at */
  readonly around?: Pick<Around, 'unreachable' | 'underWay'>
}

export function define(command: Command, shell: Shell): void {
  command.addHelpText('after', examples('sluice status', 'sluice status --json')).action(
    shell.action<[], object>(async ({ config, output }) => {
      const status = await readStatus(config)
      output.table(serverTable(status.servers))
      output.line(`\nworker: ${status.worker ? 'running' : 'none'}\n`)
      output.table(status.pipelines.map(pipelineRow))
      for (const { waiting } of status.pipelines) for (const { url } of waiting) output.line(`waits for you: ${url}`)
      for (const line of describeAround(status.around)) output.line(line)
      if (!status.ready) output.line(`next: ${status.around?.unreachable.length ? BRING_BACK : '`sluice up`'}`)
      output.result(status)
      return status.ready ? EXIT.ok : EXIT.notReady
    }),
  )
}

const BRING_BACK = 'bring back what does not answer (local servers: `sluice up`), or correct its address'

/** Looks at everything; what cannot be reached counts as not there. */
export async function readStatus(config: Config): Promise<SystemStatus> {
  const servers = await serverStatus({ stateDir: config.stateDir })
  const local = servers.every(({ running }) => running)
  const { worker, ...around } = await lookAround(config)
  const isAway = around.unreachable.some(({ name }) => name !== 'Kafka')
  // servers of one's own are not in the local table: there, reaching them decides
  const ready = config.endpoints !== null && (local || worker !== null) && !isAway
  return { servers, ready, worker: worker ?? false, around, pipelines: ready ? await readPipelines(config) : [] }
}

async function readPipelines(config: Config): Promise<PipelineStatus[]> {
  const endpoints = requireEndpoints(config)
  const plans = await loadPipelines(config.projectDir)
  return withStore(config, (store) =>
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
}

function pipelineRow({ pipeline, champion, waiting }: PipelineStatus): Record<string, string> {
  return {
    pipeline,
    champion: champion === null ? 'none' : shortDigest(champion),
    waiting: waiting.map(({ candidate }) => shortDigest(candidate)).join(' ') || '-',
  }
}
