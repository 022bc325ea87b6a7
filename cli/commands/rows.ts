// sluice rows: the records that did not come into the dataset, each with its reason; or every row of one id.
import { type Command, Option } from 'commander'
import { openPersonalKey } from '../../core/personal-key.ts'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { failure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Fate, TracedRow } from '../../schemas/traced-row.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { findId, idColumn, storedId } from '../../stages/rows/find-id.ts'
import { takers } from '../../stages/rows/trace-batch.ts'
import { traceId } from '../../stages/rows/trace-id.ts'
import { traceRows } from '../../stages/rows/trace-rows.ts'
import { withStore } from '../clients.ts'
import { formatCount, type Output } from '../output/output.ts'
import { rowTable } from '../rows/describe-rows.ts'
import { writeLines } from '../rows/write-lines.ts'
import { type Context, examples, positiveInteger, type Shell, usageError } from '../shell.ts'

/** Rows of a table and of a JSON document; NDJSON has no end but that of the lake. */
const DEFAULT_LIMIT = 20

const FATES = {
  quarantined: ['quarantined'],
  rejected: ['quarantined', 'dropped', 'undecoded'],
  duplicates: ['duplicate'],
} as const satisfies Record<string, readonly Fate[]>

interface Options {
  readonly quarantined?: boolean
  readonly rejected?: boolean
  readonly duplicates?: boolean
  readonly id?: string
  readonly rule?: string
  readonly limit?: number
  readonly as?: 'table' | 'ndjson'
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice rows digits --quarantined',
        "sluice rows digits --rejected --rule 'label is present'",
        'sluice rows digits --duplicates --as ndjson | head',
        'sluice rows digits --id 17-3',
      ),
    )
    .option('--quarantined', 'rows that a quarantine rule set aside')
    .option('--rejected', 'all that was left out: quarantined, dropped by a rule, or not decoded')
    .option('--duplicates', 'rows whose id came before, and which row stays')
    .option('--id <id>', 'every row of this id, whatever became of it')
    .option('--rule <name>', 'only rows that this rule took; decode: what did not decode')
    .option('--limit <n>', `rows to show; default ${DEFAULT_LIMIT}, with ndjson all`, positiveInteger)
    .addOption(new Option('--as <form>', 'default table; ndjson: a JSON document a line').choices(['table', 'ndjson']))
    .action(
      shell.action<[string], Options>(async (context, [name], options) => {
        const plan = await loadPipeline(context.config.projectDir, name)
        requireOne(options)
        requireRule(plan, options)
        await withStore(context.config, (store) =>
          show(context, { store, plan, options, stdout: shell.streams.stdout }),
        )
      }),
    )
}

interface Shown {
  readonly store: Store
  readonly plan: Plan
  readonly options: Options
  readonly stdout: NodeJS.WriteStream
}

async function show({ config, output }: Context, { store, plan, options, stdout }: Shown): Promise<void> {
  const key = config.personalKey === undefined ? undefined : openPersonalKey(config.personalKey)
  const id = options.id === undefined ? undefined : storedId(plan, options.id, key)
  const rows = rowsOf(store, { plan, options, id })
  if (options.as === 'ndjson' && !output.json) return await writeLines(rows, stdout, options.limit)
  const limit = options.limit ?? DEFAULT_LIMIT
  const shown: TracedRow[] = []
  let total = 0
  for await (const row of rows) if (total++ < limit) shown.push(row)
  tell(output, plan, { shown, total, options })
  output.result({ pipeline: plan.name, ...(id !== undefined && { id }), total, rows: shown })
}

async function* rowsOf(
  store: Store,
  { plan, options, id }: { readonly plan: Plan; readonly options: Options; readonly id: string | undefined },
): AsyncGenerator<TracedRow> {
  const head = await headSnapshot({ store, source: sourceOf(plan, '') })
  if (head === null) throw failure('DATASET_MISSING', { pipeline: plan.name })
  const files = await snapshotSegments({ store, snapshot: head.snapshot })
  const isTaken = ({ rule }: TracedRow): boolean => options.rule === undefined || rule === options.rule
  if (id !== undefined) {
    const found = await findId(store, { plan, segments: files.segments, id })
    if (found === null) {
      const records = formatCount(head.snapshot.rows)
      throw failure('ROW_UNKNOWN', { pipeline: plan.name, column: idColumn(plan)!.name, id, records })
    }
    yield* traceId(found, { plan, arrivals: files.arrivals }).filter(isTaken)
    return
  }
  const chosen = (['quarantined', 'rejected', 'duplicates'] as const).find((name) => options[name])!
  for await (const row of traceRows(store, { plan, files, wanted: new Set<Fate>(FATES[chosen]) })) {
    if (isTaken(row)) yield row
  }
}

function tell(
  output: Output,
  { name }: Plan,
  {
    shown,
    total,
    options,
  }: { readonly shown: readonly TracedRow[]; readonly total: number; readonly options: Options },
): void {
  if (total === 0) output.line('no such rows in the lake, by the rules as they are now')
  output.table(rowTable(shown))
  if (total > shown.length) {
    output.line(
      `\n${formatCount(shown.length)} of ${formatCount(total)} rows; \`--limit <n>\` shows more, \`--as ndjson\` all`,
    )
  }
  if (options.rejected && shown.some(({ fate }) => fate === 'undecoded')) {
    output.line(`\nthe bytes of what did not decode: \`sluice rejects ${name}\``)
  }
}

function requireOne(options: Options): void {
  const given = (['quarantined', 'rejected', 'duplicates', 'id'] as const).filter((name) => options[name] !== undefined)
  if (given.length === 1) return
  const found = given.length === 0 ? 'none' : given.map((name) => `--${name}`).join(' and ')
  throw usageError(`expected one of --quarantined, --rejected, --duplicates and --id <id>, found ${found}`)
}

function requireRule(plan: Plan, { rule, id }: Options): void {
  if (id !== undefined && idColumn(plan) === undefined)
    throw usageError(`expected a pipeline with a column of ids for --id, found none in ${plan.name}`)
  const names = takers(plan)
  if (rule === undefined || names.includes(rule)) return
  throw usageError(`expected a rule of ${plan.name} (${names.join(', ')}), found ${rule}`)
}
