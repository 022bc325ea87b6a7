// sluice rejects: what did not decode and why; `replay` sends through again what decodes by now.
import type { Command } from 'commander'
import { type RejectSample, reportRejects } from '../../lake/snapshots/reject-report.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { replayRejects } from '../../stages/ingest/replay-rejects.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { schemaRegistry } from '../../stream/schema-registry.ts'
import { withStore } from '../clients.ts'
import { formatCount } from '../output/output.ts'
import { type Context, examples, positiveInteger, type Shell, usageError } from '../shell.ts'

const DEFAULT_SAMPLES = 5
/** Bytes of a value that a person is shown. */
const SHOWN_BYTES = 240

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice rejects digits', 'sluice rejects digits --samples 20', 'sluice rejects replay digits'),
    )
    .option('--samples <n>', `records to show; default ${DEFAULT_SAMPLES}`, positiveInteger)
    .allowExcessArguments()
    .action(
      shell.action<[string], { samples?: number }>(async (context, args, options) => {
        refuseMore(command.args)
        await show(context, args, options)
      }),
    )
  const work = shell.action<[string], object>(replay)
  command
    .command('replay <pipeline>')
    .description('send the rejects that decode by now through again, once')
    .option('--json', 'one JSON document on stdout, all text on stderr')
    .action((...parameters) => {
      // commander gives options that both know to the outer command, wherever they stand
      const [options, self] = parameters.slice(-2)
      return work(...parameters.slice(0, -2), { ...options, ...command.opts() }, self)
    })
}

function refuseMore([name, more]: readonly string[]): void {
  if (more === 'replay') throw usageError(`expected replay before the pipeline: \`sluice rejects replay ${name}\``)
  if (more !== undefined) throw usageError(`expected one pipeline, found ${more} too`)
}

async function show(
  { config, output }: Context,
  [name]: [string],
  { samples: maxSamples = DEFAULT_SAMPLES }: { samples?: number },
) {
  const { id: sourceId } = sourceOf(await loadPipeline(config.projectDir, name), '')
  const report = await withStore(config, (store) => reportRejects(store, { sourceId, maxSamples }))
  output.line(`${formatCount(report.total)} records did not decode\n`)
  output.table(report.reasons.map(({ reason, count }) => ({ count: formatCount(count), reason })))
  for (const sample of report.samples) output.line(describe(sample))
  if (report.total > 0) output.line(`\nafter a fix: \`sluice rejects replay ${name}\``)
  output.result({ pipeline: name, source: sourceId, ...report, samples: report.samples.map(sampleData) })
}

async function replay({ config, output }: Context, [name]: [string]) {
  const plan = await loadPipeline(config.projectDir, name)
  const registry = config.schemaRegistry === null ? null : schemaRegistry(config.schemaRegistry)
  const { segmentCompression: codec } = config
  const replayed = await withStore(config, (store) => replayRejects({ store, registry, codec }, { plan }))
  const { tried, decoded, withoutHeaders } = replayed
  output.line(`${formatCount(decoded)} of ${formatCount(tried)} rejects decode now`)
  if (withoutHeaders > 0)
    output.line(`${formatCount(withoutHeaders)} stay: an earlier version of sluice did not keep their headers`)
  if (decoded > 0) output.line(`they are rows of the next run: \`sluice run ${name}\``)
  output.result({ pipeline: name, ...replayed })
}

function describe(sample: RejectSample): string {
  const { topic, partition, offset, timestamp, reasons } = sampleData(sample)
  const shown = sample.value?.subarray(0, SHOWN_BYTES) ?? null
  const cut =
    shown !== null && sample.value!.length > shown.length ? ` … ${formatCount(sample.value!.length)} bytes` : ''
  const { text, hex } = readable(shown)
  const value = text ?? (hex === undefined ? 'no value' : `hex ${hex}`)
  return `\n${topic}/${partition} offset ${offset} ${timestamp === null ? 'without a timestamp' : `at ${timestamp}`}\n  ${reasons.join('\n  ')}\n  ${value}${cut}`
}

function sampleData({ topic, partition, offset, timestamp, reasons, key, value }: RejectSample) {
  return {
    topic,
    partition,
    offset,
    timestamp: timeText(timestamp),
    reasons,
    key: readable(key),
    value: readable(value),
  }
}

/** null: the record has none, which Kafka writes as −1. */
function timeText(timestamp: number | bigint): string | null {
  if (timestamp === -1) return null
  const at = new Date(Number(timestamp))
  return Number.isNaN(at.getTime()) ? String(timestamp) : at.toISOString()
}

/** Text where the bytes are printable UTF-8, else hex; neither where there is nothing. */
function readable(bytes: Uint8Array | null): { readonly text?: string; readonly hex?: string } {
  if (bytes === null) return {}
  try {
    // cut in the middle of a character: not an error when more may follow
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    if (!/[\p{Cc}--[\t\n\r]]/v.test(text)) return { text }
  } catch {}
  return { hex: Buffer.from(bytes).toString('hex') }
}
