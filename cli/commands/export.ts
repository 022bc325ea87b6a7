// sluice export: the rows of a pipeline as Parquet, for the warehouse.
import type { Command } from 'commander'
import { loadPipeline } from '../../plan/registry.ts'
import { SPLITS, type SplitName } from '../../schemas/plan.ts'
import { requireEndpoints, withStore } from '../clients.ts'
import { datasetFiles, exportFiles, openDestination, rawFiles } from '../export-files.ts'
import { formatCount } from '../output/output.ts'
import { examples, type Shell, usageError } from '../shell.ts'

interface Options {
  readonly parquet?: string
  readonly split?: SplitName
  readonly raw?: boolean
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice export digits --parquet ./digits', 'sluice export digits --raw --parquet s3://warehouse/digits'),
    )
    .option('--parquet <folder|s3://bucket/prefix>', 'where the files go; needed')
    .option('--split <name>', 'one of train, validate, test; default: all three, a folder each', splitName)
    .option('--raw', 'the decoded rows, before any rule, instead of the newest dataset')
    .action(
      shell.action<[string], Options>(async ({ config, output }, [name], { parquet, split, raw = false }) => {
        if (parquet === undefined) throw usageError('expected --parquet <folder|s3://bucket/prefix>')
        if (raw && split !== undefined) throw usageError('expected either --raw or --split: raw rows have no split')
        const plan = await loadPipeline(config.projectDir, name)
        const destination = openDestination(parquet, requireEndpoints(config))
        try {
          const exported = await withStore(config, async (store) => {
            const files = raw ? await rawFiles(store, plan) : await datasetFiles(store, plan, split)
            const onFile = ({ path }: { path: string }) => output.line(path)
            return await exportFiles(store, { plan, files, to: destination, onFile })
          })
          const { files, rows, bytes } = exported
          output.line(`${formatCount(rows)} rows in ${files} files, ${formatCount(bytes)} bytes: ${parquet}`)
          output.result({ pipeline: name, to: parquet, ...exported })
        } finally {
          destination.close()
        }
      }),
    )
}

function splitName(text: string): SplitName {
  const split = SPLITS.find((each) => each === text)
  if (split === undefined) throw usageError(`expected one of ${SPLITS.join(', ')}, found ${text}`)
  return split
}
