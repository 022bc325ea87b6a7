// sluice worker: runs workflows, activities and training in the foreground.
import type { Command } from 'commander'
import { maskedConfig } from '../../core/config.ts'
import { runWorkers, type WorkerRole } from '../../workers/main.ts'
import { requireEndpoints } from '../clients.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptCode, withInterrupts } from '../interrupt.ts'
import { prepareNative } from '../native-backend.ts'
import { examples, type Shell, usageError } from '../shell.ts'

const ROLES: readonly WorkerRole[] = ['main', 'cpu', 'gpu']

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice worker', 'sluice worker --queues gpu'))
    .option('--queues <roles...>', 'main (workflows, data), cpu, gpu (training); default: main cpu', collectRoles, [])
    .action(
      shell.action<[], { queues: WorkerRole[] }>(async ({ config, output }, _args, { queues }) => {
        requireEndpoints(config)
        output.line(`settings: ${JSON.stringify(maskedConfig(config))}`)
        if (trains(queues) && (config.backend ?? 'tensorflow') === 'tensorflow') {
          await prepareNative(config, (line) => output.line(line))
        }
        let isReady = false
        const ended = await withInterrupts(
          async (signal) => {
            await runWorkers({
              config,
              signal,
              ...(queues.length > 0 && { queues }),
              onReady() {
                isReady = true
                output.line('worker: ready; Ctrl-C lets running activities hand over, then stops it')
              },
              onWait: (line) => output.line(`worker: ${line}`),
            })
            return signal
          },
          { handsOver: () => isReady }, // a training keeps a checkpoint first
        )
        output.line('worker: stopped')
        output.result({ stopped: true })
        return isReady ? EXIT.ok : interruptCode(ended)
      }),
    )
}

const trains = (queues: readonly WorkerRole[]): boolean => queues.length === 0 || queues.some((role) => role !== 'main')

function collectRoles(text: string, before: readonly WorkerRole[]): WorkerRole[] {
  const role = ROLES.find((each) => each === text)
  if (role === undefined) throw usageError(`no queue ${text}: expected ${ROLES.join(', ')}`)
  return [...before, role]
}
