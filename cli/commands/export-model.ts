// sluice export-model: a model in the format of another program, checked before it is written.
import type { Command } from 'commander'
import { EXPORT_FORMATS, type ExportFormat } from '../../ml/export/export-model.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { requireEndpoints, withStore } from '../clients.ts'
import { openDestination } from '../export-files.ts'
import { findModel, makeModelExport } from '../export-model.ts'
import { prepareNative } from '../native-backend.ts'
import { examples, type Shell, usageError } from '../shell.ts'

interface Options {
  readonly format?: ExportFormat
  readonly to?: string
  readonly model?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples(
        'sluice export-model digits --format saved-model --to ./digits-model',
        'sluice export-model digits --format tfjs --to s3://site/digits --model 3fa9c1',
      ),
    )
    .option('--format <name>', 'saved-model (TensorFlow) or tfjs (browsers); needed', formatName)
    .option('--to <folder|s3://bucket/prefix>', 'where the files go; needed')
    .option('--model <digest>', 'the start of a digest of the ledger; default: the champion')
    .action(
      shell.action<[string], Options>(async ({ config, output }, [name], { format, to, model }) => {
        if (format === undefined) throw usageError(`expected --format <${EXPORT_FORMATS.join('|')}>`)
        if (to === undefined) throw usageError('expected --to <folder|s3://bucket/prefix>')
        const plan = await loadPipeline(config.projectDir, name)
        const destination = openDestination(to, requireEndpoints(config))
        try {
          await prepareNative(config, () => {})
          const made = await withStore(config, async (store) =>
            makeModelExport(store, {
              plan,
              format,
              projectDir: config.projectDir,
              digest: await findModel(store, name, model),
            }),
          )
          for (const [path, bytes] of Object.entries(made.files)) await destination.write(path, bytes)
          const { digest, rows, difference, files } = made
          output.line(`model ${shortDigest(digest)} as ${format}: ${to}`)
          output.line(
            `repeats its golden answers to ${difference.toExponential(1)}; ${rows ?? 'any number of'} rows a call`,
          )
          output.result({
            pipeline: name,
            model: digest,
            format,
            to,
            rows,
            difference,
            files: Object.keys(files).sort(),
          })
        } finally {
          destination.close()
        }
      }),
    )
}

function formatName(text: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each === text)
  if (format === undefined) throw usageError(`expected one of ${EXPORT_FORMATS.join(', ')}, found ${text}`)
  return format
}
