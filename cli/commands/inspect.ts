// sluice inspect: a sample of events → the pipeline file that would learn from it.

import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { makeFolder } from '../../core/make-folder.ts'
import { pipelineFile } from '../../plan/propose/pipeline-file.ts'
import { profileSample } from '../../plan/propose/profile.ts'
import { type Proposal, proposePipeline } from '../../plan/propose/propose.ts'
import { requireEndpoints } from '../clients.ts'
import { formatCount } from '../output/output.ts'
import { type Context, examples, positiveInteger, type Shell, usageError } from '../shell.ts'
import { type Sample, sampleOfFile } from '../tables/sample.ts'
import { sampleOfTopic } from '../tables/sample-topic.ts'

interface InspectOptions {
  readonly rows: number
  readonly name?: string
  readonly label?: string
  readonly out?: string
}

const ROWS = 10_000

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice inspect wine.csv',
        'sluice inspect clicks.ndjson --label clicked --out pipelines/clicks/pipeline.ts',
        'sluice inspect orders --rows 2000',
      ),
    )
    .option('--rows <n>', `of the sample; default ${ROWS}`, positiveInteger, ROWS)
    .option('--label <field>', 'what is to be predicted; default: what names and values say')
    .option('--name <name>', 'of the pipeline; default: of the file or topic')
    .option('--out <path>', 'writes the file there, unless something is there; default: prints it')
    .action(shell.action<[string], InspectOptions>(inspect))
}

async function inspect({ config, output }: Context, [from]: [string], options: InspectOptions): Promise<void> {
  const isFile = existsSync(from) || /[/\\]|\.(csv|tsv|parquet|ndjson|jsonl?)$/i.test(from)
  const { rows, broken }: Sample = isFile
    ? await sampleOfFile(from, options.rows)
    : await sampleOfTopic(requireEndpoints(config).kafka, { topic: from, rows: options.rows })
  const name = options.name ?? nameOf(from)
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw usageError(`--name: expected small letters, digits and "-", found ${name}`)
  const topic = isFile ? name : from
  const proposal = proposePipeline(profileSample(rows), { name, topic, sample: basename(from), label: options.label })
  const text = pipelineFile(proposal)
  if (options.out === undefined) {
    output.line(text.trimEnd())
  } else {
    await writeNew(resolve(options.out), text)
    output.line(`${options.out}: ${describeProposal(proposal)}`)
    if (broken > 0) output.line(`${formatCount(broken)} of ${formatCount(rows.length + broken)} were no JSON objects`)
    output.line(`next: read it, then \`sluice test ${name}${isFile ? ` --file ${from}` : ''}\``)
  }
  const { columns, ...rest } = proposal
  const shortColumns = columns.map(({ field: _, ...column }) => column)
  output.result({ ...rest, label: proposal.label.name, columns: shortColumns, broken, file: text })
}

function describeProposal({ rows, columns, features, label, task }: Proposal): string {
  return `${columns.length} columns from ${formatCount(rows)} rows; ${label.name} is predicted (${task}) from ${features.length}`
}

async function writeNew(file: string, text: string): Promise<void> {
  await makeFolder(dirname(file))
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw usageError(`--out: expected a path where nothing is, found ${join(file)}`)
  }
}

/** "SMS Spam.csv" → sms-spam */
function nameOf(from: string): string {
  const plain = basename(from).replace(/\.[a-z]+$/i, '')
  const name = plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return /^[a-z]/.test(name) ? name : `pipeline-${name}`.replace(/-$/, '')
}
