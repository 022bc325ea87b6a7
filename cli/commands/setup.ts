// sluice setup: fetches, builds and proves the native TensorFlow backend.
import type { Command } from 'commander'
import { fetchedBytes } from '../../infra/downloads/tally.ts'
import type { LibraryWish } from '../../infra/tensorflow/choice.ts'
import { LIBRARY_SOURCES } from '../../infra/tensorflow/library.ts'
import { ensureNative } from '../../infra/tensorflow/native.ts'
import { planNative } from '../../infra/tensorflow/plan.ts'
import { openBackend } from '../../ml/backend.ts'
import { EXIT } from '../exit-codes.ts'
import { backendWords, planLines } from '../native-backend.ts'
import { fetchedLines } from '../output/fetched-lines.ts'
import type { Output } from '../output/output.ts'
import { examples, type Shell, usageError } from '../shell.ts'

interface Options {
  readonly gpu?: boolean
  readonly cpu?: boolean
  readonly source?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice setup native', 'sluice setup native --gpu'))
    .option('--gpu', 'the library for NVIDIA GPUs, even where none is seen (default: where one is)')
    .option('--cpu', 'the library for processors, even where an NVIDIA GPU is seen')
    .option('--source <wheel|stock>', 'Python wheels, or the archive that tfjs names (default: wheel, then stock)')
    .action(
      shell.action<[string], Options>(async ({ config, output }, [part], options) => {
        if (part !== 'native') throw usageError(`nothing is called ${part}: expected native`)
        const { cacheDir } = config
        const wish: LibraryWish = { ...wishOf(options), archive: config.libtensorflow }
        const plan = await planNative({ cacheDir, ...wish })
        if (!plan.ok) return refuse(output, plan)
        for (const line of planLines(plan)) output.line(line)
        const built = await ensureNative({ cacheDir, ...wish, say: (line) => output.line(`  … ${line}`) })
        if (!built.ok) return refuse(output, built)
        const { info } = await openBackend({ prefer: 'tensorflow', device: 'any' })
        output.line(`ready: ${backendWords(info)}; product and gradients are right`)
        if (plan.variant === 'cuda' && info.device === 'cpu') {
          output.line('no NVIDIA GPU is seen from here: until one is, this library computes on the processor')
        }
        for (const line of fetchedLines()) output.line(line)
        output.result({ ok: true, plan, backend: info, fetchedBytes: fetchedBytes() })
        return EXIT.ok
      }),
    )
}

function wishOf({ gpu, cpu, source: text }: Options): LibraryWish {
  if (gpu && cpu) throw usageError('--gpu and --cpu exclude each other')
  const source = LIBRARY_SOURCES.find((each) => each === text)
  if (text !== undefined && source === undefined) throw usageError(`--source ${text}: expected wheel or stock`)
  return { ...(gpu ? { gpu: true } : cpu ? { gpu: false } : {}), ...(source && { source }) }
}

function refuse(output: Output, { why, fix }: { why: string; fix: string }): number {
  output.line(`not available: ${why}`)
  output.line(`    next: ${fix}`)
  output.result({ ok: false, why, fix })
  return EXIT.notReady
}
