// sluice pause: nothing starts a pipeline by itself any more.
import type { Command } from 'commander'
import { withTemporal } from '../clients.ts'
import { describePause } from '../output/describe-workflows.ts'
import { pausePipeline } from '../pause-pipeline.ts'
import { examples, type Shell, usageError } from '../shell.ts'
import { userName } from '../user-name.ts'

interface PauseOptions {
  readonly reason?: string
  readonly by: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice pause digits --reason "the topic moves on Monday"'))
    .option('--reason <text>', 'why; needed, whoever finds it paused wants to know')
    .option('--by <name>', 'who pauses it', userName())
    .action(
      shell.action<[string], PauseOptions>(async ({ config, output }, [pipeline], { reason = '', by }) => {
        if (reason.trim() === '') throw usageError('a pause needs --reason "…"')
        const asked = { pipeline, by, at: new Date().toISOString(), reason: reason.trim() }
        const paused = await withTemporal(config, (client) => pausePipeline(config, client, asked))
        output.line(`${describePause(pipeline, paused.pause)}${paused.changed ? '' : ' (as before)'}`)
        output.line(`  stopped: ${paused.schedules.join(', ')}`)
        if (paused.underWay !== null)
          output.line(`  ${paused.underWay} is under way and goes on to its end, with what was asked of it before`)
        output.line(
          `\`sluice apply ${pipeline}\` keeps the pause; \`sluice run ${pipeline}\` runs it all the same, because you ask`,
        )
        output.result(paused)
      }),
    )
}
