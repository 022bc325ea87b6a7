// sluice serve: answers predictions over HTTP until Ctrl-C.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import { ANSWERED_PATHS } from '../../schemas/served-paths.ts'
import { startServing } from '../../serving/server.ts'
import type { SlotEvent } from '../../serving/slot.ts'
import { withStore } from '../clients.ts'
import { untilAborted, withInterrupts } from '../interrupt.ts'
import { describeError } from '../output/output.ts'
import { examples, portNumber, positiveInteger, type Shell } from '../shell.ts'

const DEFAULT_PORT = 8484

interface ServeOptions {
  readonly host: string
  readonly port: number
  readonly poll: number
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice serve', 'sluice serve digits --port 9000', 'SLUICE_SERVE_TOKEN=… sluice serve --host 0.0.0.0'),
    )
    .option('--host <host>', 'beyond loopback, SLUICE_SERVE_TOKEN is needed', '127.0.0.1')
    .option('--port <port>', '0: a free one', portNumber, DEFAULT_PORT)
    .option('--poll <ms>', 'milliseconds between looks for a new champion', positiveInteger, 1_000)
    .action(
      shell.action<[string[]], ServeOptions>(async ({ config, output }, [names], { host, port, poll }) => {
        const plans = await plansOf(config, names)
        await withStore(config, (store) =>
          withInterrupts(async (signal) => {
            const serving = await startServing({
              store,
              plans,
              host,
              port,
              pollMs: poll,
              token: config.serveToken,
              backend: config.backend,
              projectDir: config.projectDir,
              forceEager: config.eager,
              onEvent: (event) => output.line(describeEvent(event)),
              onError: (error) => output.line(describeError(error)),
            })
            output.line(`serving at ${serving.url}: ${plans.map(({ serve }) => `POST ${serve.path}`).join(', ')}`)
            output.line(`also GET ${ANSWERED_PATHS.join(', ')}; Ctrl-C stops`)
            output.result({ url: serving.url, paths: plans.map(({ serve }) => serve.path) })
            await untilAborted(signal)
            await serving.close()
            output.line('stopped')
          }),
        )
      }),
    )
}

async function plansOf(config: Config, names: readonly string[]): Promise<Plan[]> {
  if (names.length === 0) return [...(await loadPipelines(config.projectDir)).values()]
  return Promise.all(names.map((name) => loadPipeline(config.projectDir, name)))
}

/** One line per change of what is in service. */
export function describeEvent({ pipeline, kind, model, detail }: SlotEvent): string {
  return `${pipeline}: ${kind}${model === null ? '' : ` ${shortDigest(model)}`} (${detail})`
}
