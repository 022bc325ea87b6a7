// sluice verify: re-reads all that a pipeline or a source left in the bucket, and checks it.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import type { Store } from '../../lake/store/store.ts'
import { type Verification, verifyLake } from '../../lake/upkeep/verify.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { withStore } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount, formatMs, type Output } from '../output/output.ts'
import { examples, type Shell } from '../shell.ts'

/** Beyond that a person reads the JSON document. */
const MAX_SHOWN = 20

export function define(command: Command, shell: Shell): void {
  command.addHelpText('after', examples('sluice verify digits', 'sluice verify digits --json | jq .problems')).action(
    shell.action<[string], object>(async ({ config, output }, [name]) => {
      const startMs = performance.now()
      const found = await withStore(config, async (store) => verifyLake(store, await namedBy(name, { config, store })))
      const ms = performance.now() - startMs
      const megabytesPerSecond = found.bytes / 1e6 / (ms / 1_000)
      describe(found, output)
      output.line(
        `${formatCount(found.objects)} objects, ${(found.bytes / 1e6).toFixed(1)} MB in ${formatMs(ms)}: ${megabytesPerSecond.toFixed(0)} MB/s`,
      )
      const ok = found.problems.length === 0
      output.line(ok ? 'everything is as it was written' : `${formatCount(found.problems.length)} problems`)
      output.result({ ok, ...found, ms: Math.round(ms), megabytesPerSecond })
      return ok ? EXIT.ok : EXIT.failed
    }),
  )
}

/** A pipeline of the project, or the id of a source in the bucket. */
async function namedBy(
  name: string,
  { config, store }: { config: Config; store: Store },
): Promise<{ sourceId: string; pipeline?: string }> {
  const plan = await loadPipeline(config.projectDir, name).catch((error: Error) => error)
  // the cluster is no part of a source's id
  if (!(plan instanceof Error)) return { sourceId: sourceOf(plan, '').id, pipeline: name }
  for await (const _key of store.list(`${snapshotChain(name)}/`)) return { sourceId: name }
  throw plan
}

function describe({ source, models, problems }: Verification, output: Output): void {
  const holes = Object.entries(source.holes).map(([kind, count]) => `${formatCount(count)} ${kind}`)
  output.line(
    `source ${source.source}: ${formatCount(source.offsets)} offsets of ${source.partitions} partitions in ${source.versions} snapshots`,
  )
  output.line(
    `  ${[`${formatCount(source.rows)} rows`, `${formatCount(source.rejects)} rejects`, ...holes].join(', ')}`,
  )
  if (source.beforeFirst > 0)
    output.line(`  the topic had lost ${formatCount(source.beforeFirst)} offsets before its first ingest`)
  if (models !== null)
    output.line(`pipeline ${models.pipeline}: ${models.decisions} ledger entries, ${models.stageRecords} stage records`)
  for (const { code, message, key, referredBy } of problems.slice(0, MAX_SHOWN)) {
    output.line(`✗ ${code}: ${message}`)
    output.line(`    object ${key}, referred to by ${referredBy}`)
  }
  if (problems.length > MAX_SHOWN) output.line(`  and ${problems.length - MAX_SHOWN} more: see --json`)
}
