// sluice send: example events, or a file of your own, into a pipeline's topic.
import type { Command } from 'commander'
import { loadPipeline } from '../../plan/registry.ts'
import { requireEndpoints } from '../clients.ts'
import { formatCount, formatMs } from '../output/output.ts'
import { createProgress } from '../output/progress.ts'
import { eventsOfFile, exampleEvents } from '../send-events.ts'
import { sendInBatches } from '../send-in-batches.ts'
import { examples, positiveInteger, type Shell } from '../shell.ts'

interface SendOptions {
  readonly batch: number
  readonly count?: number
  readonly seed: number
  readonly file?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice send digits',
        'sluice send digits --batch 2 --count 1000',
        'sluice send churn --file events.ndjson',
        'cat events.ndjson | sluice send churn --file -',
      ),
    )
    .option('--batch <n>', 'which batch of examples', positiveInteger, 1)
    .option('--count <n>', 'at most so many examples', positiveInteger)
    .option('--seed <n>', 'of the examples', positiveInteger, 7)
    .option('--file <path>', 'a CSV or Parquet table, or one JSON event a line (- is stdin)')
    .action(
      shell.action<[string], SendOptions>(async ({ config, output }, [name], options) => {
        const { kafka } = requireEndpoints(config)
        const { source, columns } = await loadPipeline(config.projectDir, name)
        const startedMs = Date.now()
        const events =
          options.file === undefined
            ? await exampleEvents({ projectDir: config.projectDir, pipeline: name, ...options })
            : eventsOfFile(options.file, { columns, stdin: process.stdin })
        const progress = createProgress(output.stream)
        const { sent } = await sendInBatches({
          kafka,
          topic: source.topic,
          events,
          onProgress: (count) => progress.update({ label: 'send', detail: `${formatCount(count)} events` }),
        }).finally(() => progress.close())
        const ms = Date.now() - startedMs
        output.line(`sent ${formatCount(sent)} events to topic ${source.topic} in ${formatMs(ms)}`)
        output.line(`next: \`sluice run ${name}\``)
        output.result({ pipeline: name, topic: source.topic, sent, ms })
      }),
    )
}
