// sluice demo: the main job, from nothing to a model that answers, and then why sluice exists.
import type { Command } from 'commander'
import { fetchedBytes } from '../../infra/downloads/tally.ts'
import { loadPipeline, loadPipelines } from '../../plan/registry.ts'
import type { Serving } from '../../serving/server.ts'
import { withStore, withTemporal } from '../clients.ts'
import { play } from '../demo/play.ts'
import { type Act, toReport } from '../demo/report.ts'
import { type Stopwatch, startStopwatch } from '../demo/stopwatch.ts'
import { forgetWorld, withWorker, withWorld } from '../demo/world.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptCode, unlessAborted, untilAborted, withInterrupts } from '../interrupt.ts'
import { fetchedLines } from '../output/fetched-lines.ts'
import { createProgress } from '../output/progress.ts'
import { type Context, examples, type Shell, usageError } from '../shell.ts'

const EXAMPLE = 'digits'

interface DemoOptions {
  readonly approve?: boolean
  readonly keep?: boolean
  readonly fresh?: boolean
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice demo', 'sluice demo --approve --json', 'sluice demo diagnosis --fresh'))
    .option('--approve', 'approve candidates without asking, and end by itself')
    .option('--keep', 'leave servers and worker running at the end')
    .option('--fresh', 'delete the data of the local servers first')
    .action(
      shell.action<[string | undefined], DemoOptions>((context, [named], options) =>
        withInterrupts(
          async (signal) =>
            demo(context, { ...options, pipeline: named ?? (await shown(context)), signal }).catch((error) => {
              if (!signal.aborted) throw error
              context.output.line('\ninterrupted; everything that the demo started is stopped')
              return interruptCode(signal)
            }),
          { handsOver: () => true }, // servers and worker are stopped first
        ),
      ),
    )
}

/** Without a name: `digits`, or the only pipeline of a project that has no such. */
async function shown({ config }: Context): Promise<string> {
  const { plans, invalid } = await loadPipelines(config.projectDir)
  const [only] = plans.keys()
  if (plans.has(EXAMPLE) || plans.size + invalid.length === 0) return EXAMPLE
  if (only !== undefined && plans.size === 1 && invalid.length === 0) return only
  const names = [...plans.keys()].join(', ')
  throw usageError(`expected the pipeline to show, since there are several or one that cannot be used: ${names}`)
}

interface Demo extends DemoOptions {
  readonly pipeline: string
  readonly signal: AbortSignal
}

async function demo({ config, output }: Context, options: Demo): Promise<number> {
  const { pipeline, signal, approve = false, keep = false, fresh = false } = options
  const watch = startStopwatch()
  const progress = createProgress(output.stream)
  const say = progress.line // a bar may be on the screen
  const plan = await loadPipeline(config.projectDir, pipeline)
  output.line(`sluice demo: pipeline ${pipeline}\n`)
  if (fresh) await forgetWorld(config, say)
  const openedMs = Date.now()
  const code = await withWorld(
    { config: fresh ? { ...config, endpoints: null } : config, say, keep, signal },
    (here, native) =>
      withWorker({ config: here, say, keep, signal }, async (worker) => {
        watch.add('servers', Date.now() - openedMs)
        signal.throwIfAborted()
        const stage = { config: here, plan, output, progress, watch, approve, signal, worker, native }
        return withTemporal(here, (client) =>
          withStore(here, (store) =>
            withServing(async (onServing) => {
              const playing = play({ ...stage, client, store, onServing })
              const acts = await unlessAborted(playing, signal).finally(progress.close)
              tellEnd(say, acts, watch)
              const report = toReport(pipeline, acts, { ...watch.seconds(), total: watch.totalS() })
              output.result({ ...report, fetchedBytes: fetchedBytes() })
              const live = acts.at(-1)?.champion != null
              if (live && !approve) {
                say('\nthe model is served until Ctrl-C, which stops everything')
                await untilAborted(signal)
              }
              return live ? EXIT.ok : EXIT.refused
            }),
          ),
        )
      }),
  )
  say(keep ? '\nservers and worker go on: `sluice status`, `sluice down`' : '\nstopped')
  return code
}

/** Closes the server that `work` announces, before the store that it reads from. */
async function withServing<T>(work: (onServing: (serving: Serving) => void) => Promise<T>): Promise<T> {
  let open: Serving | null = null
  try {
    return await work((serving) => {
      open = serving
    })
  } finally {
    await (open as Serving | null)?.close()
  }
}

function tellEnd(say: (line: string) => void, acts: readonly Act[], watch: Stopwatch): void {
  const seconds = Object.entries(watch.seconds()).map(([name, spent]) => `${name} ${spent}`)
  say(`\nseconds: ${seconds.join(', ')}; total ${watch.totalS()}`)
  for (const line of fetchedLines()) say(line)
  for (const { act, outcome, champion } of acts) say(`act ${act}: ${outcome}; live: ${champion ?? 'none'}`)
}
