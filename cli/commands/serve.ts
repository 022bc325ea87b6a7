// sluice serve: answers predictions over HTTP until Ctrl-C.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { type InvalidFile, loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import { ANSWERED_PATHS } from '../../schemas/served-paths.ts'
import { startServing } from '../../serving/server.ts'
import type { SlotEvent } from '../../serving/slot.ts'
import { withStore } from '../clients.ts'
import { untilAborted, withInterrupts } from '../interrupt.ts'
import { describeInvalid, invalidData } from '../output/describe-invalid.ts'
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
        const { plans, invalid } = await plansOf(config, names)
        for (const line of describeInvalid(invalid)) output.line(line)
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
            const paths = plans.map(({ serve }) => serve.path)
            output.result({ url: serving.url, paths, invalid: invalidData(invalid) })
            await untilAborted(signal)
            await serving.close()
            output.line('stopped')
          }),
        )
      }),
    )
}

interface Served {
  readonly plans: readonly Plan[]
  readonly invalid: readonly InvalidFile[]
}

/** Without names all that can be used; throws the first failure where none can. */
async function plansOf(config: Config, names: readonly string[]): Promise<Served> {
  if (names.length > 0) {
    return { plans: await Promise.all(names.map((name) => loadPipeline(config.projectDir, name))), invalid: [] }
  }
  const { plans, invalid } = await loadPipelines(config.projectDir)
  if (plans.size === 0 && invalid.length > 0) throw invalid[0]!.failure
  return { plans: [...plans.values()], invalid }
}

/** One line per change of what is in service. */
export function describeEvent({ pipeline, kind, model, detail }: SlotEvent): string {
  return `${pipeline}: ${kind}${model === null ? '' : ` ${shortDigest(model)}`} (${detail})`
}
