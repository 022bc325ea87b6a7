// sluice ingest: brings the lake up to the end of the topic, without training; accepts losses where a person says so.
import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import type { Command } from 'commander'
import { loadPipeline } from '../../plan/registry.ts'
import { ingestWorkflowId, MAIN_QUEUE } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import { serversOf } from '../../workers/servers/reach.ts'
import type { Ingested } from '../../workflows/catch-up.ts'
import type { IngestInput } from '../../workflows/ingest.ts'
import { carriedPlan, requireEndpoints, withTemporal, workflowUrl } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { followWaits } from '../output/follow-run.ts'
import { followUntilInterrupted } from '../output/follow-until-interrupted.ts'
import { formatCount } from '../output/output.ts'
import { createProgress } from '../output/progress.ts'
import { examples, type Shell, usageError } from '../shell.ts'
import { userName } from '../user-name.ts'

interface Options {
  readonly acceptLoss?: readonly OffsetRange[]
  readonly reason?: string
  readonly by?: string
}

/** Ranges listed one by one: a topic may have a thousand partitions. */
const MAX_SHOWN = 20

/** Named by its type, so that the command line does not load workflow code. */
type Ingest = (input: IngestInput) => Promise<Ingested>

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice ingest digits',
        'sluice ingest digits --accept-loss digits/0/1200-1500 --reason "retention was 1 day during the move"',
      ),
    )
    .option('--accept-loss <ranges...>', 'lost offsets <topic/partition/start-end> to go on without', collectLosses)
    .option('--reason <text>', 'why they may be lost; kept in the chain')
    .option('--by <name>', 'who accepts; default: your account')
    .action(
      shell.action<[string], Options>(async ({ config, output }, [name], options) => {
        const plan = await loadPipeline(config.projectDir, name)
        const accept = acceptanceOf(plan, options)
        const endpoints = requireEndpoints(config)
        return await withTemporal(config, async (client) => {
          const input = { plan: await carriedPlan(config, plan), ...(accept === null ? {} : { accept }) }
          const workflowId = ingestWorkflowId(name, accept === null ? undefined : randomUUID())
          output.line(`ingest of ${name}: ${workflowUrl(endpoints, workflowId)}`)
          const handle = await start(client, { workflowId, input })
          const progress = createProgress(output.stream)
          const servers = serversOf(endpoints)
          const what = 'the ingest'
          const ingested = await followUntilInterrupted({ what, output }, (signal) =>
            followWaits<Ingested>({ client, handle, what, progress, servers, signal }),
          )
          if (typeof ingested === 'number') return ingested
          for (const line of describe(ingested)) output.line(line)
          output.result({ workflowId, ...ingested })
          return EXIT.ok
        })
      }),
    )
}

/** Joins the ingest that goes on: it reads up to an end that is at least as new as its own start. */
function start(client: Client, { workflowId, input }: { workflowId: string; input: IngestInput }) {
  return client.workflow.start<Ingest>('ingest', {
    workflowId,
    taskQueue: MAIN_QUEUE,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Ingest ${input.plan.name}`,
  })
}

function acceptanceOf(
  { source }: Plan,
  { acceptLoss, reason, by }: Options,
): NonNullable<IngestInput['accept']> | null {
  if (acceptLoss === undefined) {
    if (reason !== undefined) throw usageError('--reason belongs to --accept-loss')
    return null
  }
  if (reason === undefined || reason.trim() === '') throw usageError('--accept-loss needs --reason <text>')
  const foreign = acceptLoss.find(({ topic }) => topic !== source.topic)
  if (foreign !== undefined) throw usageError(`the pipeline reads ${source.topic}, not ${foreign.topic}`)
  const acceptance = { by: by ?? userName(), reason: reason.trim(), at: new Date().toISOString() }
  return { losses: acceptLoss, acceptance }
}

function collectLosses(text: string, before: readonly OffsetRange[] = []): OffsetRange[] {
  return [...before, parseLoss(text)]
}

/** "topic/0/1200-1500": offsets [1200, 1500) of partition 0. */
export function parseLoss(text: string): OffsetRange {
  const [, topic, ...numbers] = /^(.+)\/(\d+)\/(\d+)-(\d+)$/.exec(text) ?? []
  const [partition, start, end] = numbers.map(Number)
  const fits = [partition, start, end].every(Number.isSafeInteger) && start! < end!
  if (topic === undefined || !fits) throw usageError(`expected topic/partition/start-end, found ${text}`)
  return { topic, partition: partition!, start: start!, end: end! }
}

function describe({ snapshot, ranges, rows, rejects, unpublished = 0 }: Ingested): string[] {
  if (snapshot === null) return ['the topic holds no records']
  if (ranges.length === 0) return [`nothing new beyond snapshot ${snapshot.version}`]
  const shown = ranges.slice(0, MAX_SHOWN)
  const more = ranges.length - shown.length
  return [
    ...shown.map(({ partition, start, end }) => `  partition ${partition}: offsets [${start}, ${end})`),
    ...(more === 0 ? [] : [`  and ${formatCount(more)} more ranges: see --json`]),
    `${formatCount(rows)} rows and ${formatCount(rejects)} rejects: snapshot ${snapshot.version}`,
    ...(unpublished === 0 ? [] : ['lag monitors show an older offset: publishing failed (docs/guides/kafka.md)']),
  ]
}
