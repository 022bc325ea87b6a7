// sluice compact: many small files of a pipeline's source → few large ones, the rows unchanged.
import type { Command } from 'commander'
import { compactSource } from '../../lake/snapshots/compact.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { withStore } from '../clients.ts'
import { formatCount } from '../output/output.ts'
import { examples, positiveInteger, type Shell } from '../shell.ts'

const MIB = 1024 * 1024
const DEFAULT_MIB = 64

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice compact digits', 'sluice compact digits --target-mib 256'))
    .option('--target-mib <n>', `MiB of a merged range at most; default ${DEFAULT_MIB}`, positiveInteger)
    .action(
      shell.action<[string], { targetMib?: number }>(
        async ({ config, output }, [name], { targetMib = DEFAULT_MIB }) => {
          const { id: sourceId } = sourceOf(await loadPipeline(config.projectDir, name), '')
          const compacted = await withStore(config, (store) =>
            compactSource({
              store,
              sourceId,
              codec: config.segmentCompression,
              targetBytes: targetMib * MIB,
              minRanges: 2,
              onMerged: ({ partition, start, end }) => output.line(`partition ${partition}: [${start}, ${end})`),
            }),
          )
          const { before, after, files, bytes } = compacted
          if (compacted.versions.length === 0) output.line(`nothing to merge: ${formatCount(before)} ranges`)
          else {
            output.line(
              `${formatCount(before)} ranges → ${formatCount(after)}: ${files} files, ${formatCount(bytes)} bytes`,
            )
            output.line(`the files that were merged stay in the bucket: \`sluice collect ${name}\``)
          }
          output.result({ pipeline: name, source: sourceId, ...compacted })
        },
      ),
    )
}
