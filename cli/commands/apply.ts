// sluice apply: checks a pipeline and creates what it needs.
import type { Command } from 'commander'
import { loadPipeline } from '../../plan/registry.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { applyPipeline } from '../apply-pipeline.ts'
import { examples, positiveInteger, type Shell } from '../shell.ts'

export const DEFAULT_PARTITIONS = 3

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice apply digits', 'sluice apply digits --partitions 12'))
    .option('--partitions <n>', 'of a topic that does not exist yet', positiveInteger, DEFAULT_PARTITIONS)
    .action(
      shell.action<[string], { partitions: number }>(async ({ config, output }, [name], { partitions }) => {
        const plan = await loadPipeline(config.projectDir, name)
        const applied = await applyPipeline(config, { plan, partitions })
        output.line(`pipeline ${name} (${shortDigest(applied.fingerprint)})`)
        output.line(`topic ${applied.topic.name}: ${applied.topic.outcome}; bucket ${applied.bucket}: ready`)
        output.line(`${applied.triggers} schedule(s) retrain it by themselves`)
        output.line(`next: \`sluice send ${name}\`, then \`sluice run ${name}\``)
        output.result(applied)
      }),
    )
}
