// sluice down: stops what `sluice up` and `sluice demo` started.
import type { Command } from 'commander'
import { stopServers } from '../../infra/servers/servers.ts'
import type { ServerName } from '../../schemas/endpoints.ts'
import { formatMs } from '../output/output.ts'
import { examples, type Shell } from '../shell.ts'
import { stopWorker } from '../worker-process.ts'
import { collectServers } from './up.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice down', 'sluice down --only kafka'))
    .option('--only <servers...>', 'some of them: kafka s3 temporal', collectServers, [])
    .action(
      shell.action<[], { only: ServerName[] }>(async ({ config, output }, _args, { only }) => {
        const { stateDir } = config
        // the worker first: it would spend its shutdown trying to reach servers that are gone
        const worker = only.length === 0 && (await stopWorker(config)).wasRunning
        if (worker) output.line('worker: stopped')
        const say = (line: string) => output.line(line)
        const servers = await stopServers({ stateDir, say, ...(only.length > 0 && { only }) })
        for (const { name, wasRunning, tookMs } of servers) {
          output.line(`${name}: ${wasRunning ? `stopped in ${formatMs(tookMs)}` : 'was not running'}`)
        }
        output.result({ worker, servers })
      }),
    )
}
