// sluice resume: the schedules of a pipeline start it again.
import type { Command } from 'commander'
import { withTemporal } from '../clients.ts'
import { resumePipeline } from '../pause-pipeline.ts'
import { examples, type Shell } from '../shell.ts'
import { userName } from '../user-name.ts'

interface ResumeOptions {
  readonly reason?: string
  readonly by: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice resume digits', 'sluice resume digits --reason "the topic has moved"'))
    .option('--reason <text>', 'why, for the note in the Temporal UI')
    .option('--by <name>', 'who resumes it', userName())
    .action(
      shell.action<[string], ResumeOptions>(async ({ config, output }, [pipeline], { reason = '', by }) => {
        const asked = { pipeline, by, at: new Date().toISOString(), reason: reason.trim() }
        const { resumed } = await withTemporal(config, (client) => resumePipeline(config, client, asked))
        if (resumed.length === 0) output.line(`${pipeline} was not paused: its schedules start it`)
        for (const { schedule, note } of resumed) output.line(`${schedule} starts runs again (was ${note || 'paused'})`)
        if (resumed.length > 0)
          output.line(`times that passed meanwhile are not made up for: \`sluice run ${pipeline}\``)
        output.result({ pipeline, resumed })
      }),
    )
}
