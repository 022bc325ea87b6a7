// sluice apply: checks a pipeline, or all of them, and creates what they need.
import type { Command } from 'commander'
import { type InvalidFile, loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { type FailureCode, isFailure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import { type Applied, applyPipeline } from '../apply-pipeline.ts'
import { EXIT } from '../exit-codes.ts'
import { describeInvalid, invalidData } from '../output/describe-invalid.ts'
import { describePause } from '../output/describe-workflows.ts'
import { describeNext } from '../output/next-times.ts'
import { type Context, examples, positiveInteger, type Shell, usageError } from '../shell.ts'

export const DEFAULT_PARTITIONS = 3

/** What one pipeline fails with although the next one may be applied. */
const OF_ONE_PIPELINE: readonly FailureCode[] = ['BROKER_REFUSED', 'PIPELINE_INVALID', 'SCHEMA_INVALID']

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice apply digits', 'sluice apply digits --partitions 12', 'sluice apply'))
    .option('--partitions <n>', `of a topic that does not exist yet; default ${DEFAULT_PARTITIONS}`, positiveInteger)
    .action(
      shell.action<[string?], { partitions?: number }>(async (context, [name], { partitions }) => {
        if (name === undefined) return await applyAll(context, partitions)
        const plan = await loadPipeline(context.config.projectDir, name)
        const applied = await applyOne(context, plan, partitions)
        context.output.line(`next: \`sluice send ${name}\`, then \`sluice run ${name}\``)
        context.output.result(applied)
        return EXIT.ok
      }),
    )
}

/** Every pipeline that can be applied is; one that cannot makes the exit code 1. */
async function applyAll(context: Context, partitions: number | undefined): Promise<number> {
  const { config, output } = context
  const { plans, files, invalid } = await loadPipelines(config.projectDir)
  if (plans.size + invalid.length === 0) throw usageError(`no pipeline under ${config.projectDir}/pipelines`)
  const refused: InvalidFile[] = [...invalid]
  const applied: Applied[] = []
  for (const plan of plans.values()) {
    try {
      applied.push(await applyOne(context, plan, partitions))
    } catch (error) {
      if (!isFailure(error) || !OF_ONE_PIPELINE.includes(error.code)) throw error
      refused.push({ file: files.get(plan.name)!, failure: error })
    }
  }
  for (const line of describeInvalid(refused)) output.line(line)
  output.result({ applied, invalid: invalidData(refused) })
  return refused.length === 0 ? EXIT.ok : EXIT.failed
}

async function applyOne({ config, output }: Context, plan: Plan, asked: number | undefined): Promise<Applied> {
  const applied = await applyPipeline(config, { plan, partitions: asked ?? DEFAULT_PARTITIONS })
  output.line(`pipeline ${plan.name} (${shortDigest(applied.fingerprint)})`)
  const { topic } = applied
  const kept =
    asked === undefined || topic.partitions === asked ? '' : `, not ${asked}: --partitions counts for a new topic`
  output.line(`topic ${topic.name}: ${topic.outcome}, ${topic.partitions} partitions${kept}`)
  output.line(`bucket ${applied.bucket}: ready`)
  output.line(describeTriggers(applied.triggers))
  for (const line of applied.next.flatMap(describeNext)) output.line(line)
  if (applied.pause)
    output.line(`${describePause(plan.name, applied.pause)}; it stays so until \`sluice resume ${plan.name}\``)
  return applied
}

export function describeTriggers(count: number): string {
  return count === 1 ? '1 schedule retrains it by itself' : `${count} schedules retrain it by themselves`
}
