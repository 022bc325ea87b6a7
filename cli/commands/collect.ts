// sluice collect: what in the bucket nothing needs any more; with --delete it goes.
import { type Command, Option } from 'commander'
import { deleteGarbage, findGarbage, sumGarbage } from '../../lake/upkeep/collect.ts'
import type { GarbageKind } from '../../lake/upkeep/garbage.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { withStore, withTemporal } from '../clients.ts'
import { formatCount } from '../output/output.ts'
import { requireQuiet } from '../require-quiet.ts'
import { type Context, examples, type Shell, usageError } from '../shell.ts'

const HOUR_MS = 3_600_000
const DEFAULT_AGE = '7d'
const MEANING: Record<GarbageKind, string> = {
  orphan: 'files of commits that failed; their offsets came another way since',
  replaced: 'files in whose place compaction or a replay put others',
  ledger: 'notes of batches that were committed',
  checkpoint: 'checkpoints of trainings that ended',
  tail: 'what was kept of unfinished windows of datasets, which have grown since',
  unreferenced: 'parts, datasets, models and evaluations that nothing leads to, of all pipelines',
}

interface Options {
  readonly olderThan?: number
  readonly delete?: boolean
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice collect digits', 'sluice collect digits --older-than 30d', 'sluice collect digits --delete'),
    )
    .addOption(
      new Option(
        '--older-than <time>',
        `e.g. 36h or 30d; longer than the longest run; default ${DEFAULT_AGE}`,
      ).argParser(ageMs),
    )
    .option('--delete', 'delete it; without this it is only counted')
    .action(shell.action<[string], Options>(collect))
}

async function collect({ config, output }: Context, [name]: [string], options: Options) {
  const { olderThan = ageMs(DEFAULT_AGE), delete: isWanted = false } = options
  const { id: sourceId } = sourceOf(await loadPipeline(config.projectDir, name), '')
  const beforeMs = Date.now() - olderThan
  const found = await withStore(config, async (store) => {
    if (isWanted) await withTemporal(config, requireQuiet)
    const garbage = await findGarbage({ store, sourceId, pipeline: name, beforeMs })
    if (isWanted) await deleteGarbage(store, garbage)
    const uploads = await store.abortUploads('', { beforeMs, dryRun: !isWanted })
    return { garbage, uploads }
  })
  const kinds = sumGarbage(found.garbage)
  const bytes = found.garbage.reduce((total, each) => total + each.bytes, 0)
  output.table(
    kinds.map((each) => ({
      objects: formatCount(each.objects),
      MB: (each.bytes / 1e6).toFixed(1),
      what: MEANING[each.kind],
    })),
  )
  const uploads = found.uploads === 0 ? '' : `, and ${formatCount(found.uploads)} uploads that were never completed`
  const total = `${formatCount(found.garbage.length)} objects, ${(bytes / 1e6).toFixed(1)} MB${uploads}`
  output.line(isWanted ? `deleted: ${total}` : `nothing needs them: ${total}`)
  if (!isWanted && found.garbage.length + found.uploads > 0)
    output.line(`\`sluice collect ${name} --delete\` deletes them`)
  const { uploads: aborted } = found
  output.result({
    pipeline: name,
    source: sourceId,
    deleted: isWanted,
    kinds,
    objects: found.garbage.length,
    bytes,
    uploads: aborted,
  })
}

/** Hours or days, at least one hour. */
function ageMs(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([hd])$/.exec(text) ?? []
  if (count === undefined) throw usageError(`expected a time such as 36h or 7d, found ${text}`)
  return Number(count) * (unit === 'd' ? 24 * HOUR_MS : HOUR_MS)
}
