// sluice without a verb: looks at what is there and says what to do next.
import { type PipelineStatus, readStatus, type SystemStatus } from '../commands/status.ts'
import { EXIT } from '../exit-codes.ts'
import type { Context } from '../shell.ts'
import { describeInvalid } from './describe-invalid.ts'

/** Prints one next step, and where to read on. */
export async function tellNextStep({ config, output }: Context): Promise<number> {
  const status = await readStatus(config)
  output.line('sluice: models that keep themselves current\n')
  for (const line of [...nextStep(status), ...describeInvalid(status.invalid)]) output.line(line)
  output.line('\nall commands: `sluice --help`')
  return EXIT.ok
}

/** The state of the system → what a person would do next. Pure. */
export function nextStep({ ready, worker, pipelines }: Omit<SystemStatus, 'invalid'>): string[] {
  if (!ready) {
    return ['no servers run. next: `npm run demo` shows everything at once; `sluice up` starts the servers alone']
  }
  const waiting = pipelines.flatMap(({ pipeline, waiting: open }) => open.map(({ url }) => ({ pipeline, url })))
  if (waiting.length > 0) {
    return waiting.flatMap(({ pipeline, url }) => [
      `a candidate of ${pipeline} waits for a decision: ${url}`,
      `next: \`sluice approve ${pipeline} --reason "…"\`, or \`sluice reject ${pipeline} --reason "…"\``,
    ])
  }
  if (!worker) return ['the servers run, no worker does. next: `sluice worker` in another terminal']
  if (pipelines.length === 0) return ['no pipeline here. next: write pipelines/<name>/pipeline.ts']
  return pipelines.map(describePipeline)
}

function describePipeline({ pipeline, champion }: PipelineStatus): string {
  return champion === null
    ? `${pipeline} has no model yet. next: \`sluice apply ${pipeline}\`, \`sluice send ${pipeline}\`, \`sluice run ${pipeline}\``
    : `${pipeline} is live. next: \`sluice predict ${pipeline}\`, or \`sluice serve\``
}
