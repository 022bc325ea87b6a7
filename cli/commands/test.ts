// sluice test: pipelines on a sample of events, in this process.
import type { Command } from 'commander'
import { loadPipeline, loadPipelines } from '../../plan/registry.ts'
import { failure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import { EXIT } from '../exit-codes.ts'
import { withInterrupts } from '../interrupt.ts'
import { describeError, formatMs } from '../output/output.ts'
import { rehearsePipeline } from '../rehearse/rehearse-pipeline.ts'
import { eventsOfFile, exampleEvents } from '../send-events.ts'
import { type Context, examples, positiveInteger, type Shell, usageError } from '../shell.ts'
import { sampleOf } from '../tables/reservoir.ts'

interface TestOptions {
  readonly file?: string
  readonly batch: number
  readonly count?: number
  readonly epochs?: number
}

/** events of a sample; texts whose next tokens are learnt hold many examples each */
const COUNT = 2_000
const TEXTS = 200

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText(
      'after',
      examples('sluice test', 'sluice test digits --count 5000 --epochs 10', 'sluice test churn --file events.ndjson'),
    )
    .option(
      '--file <path>',
      "a CSV or Parquet table, or one JSON event a line (- is stdin); default: the pipeline's example events",
    )
    .option('--batch <n>', 'which batch of examples', positiveInteger, 1)
    .option('--count <n>', `at most so many events; default ${COUNT}, of texts to go on with ${TEXTS}`, positiveInteger)
    .option('--epochs <n>', "of the training; default: as many of the pipeline's as take seconds", positiveInteger)
    .action(shell.action<[string | undefined], TestOptions>(testPipelines))
}

async function testPipelines(context: Context, [name]: [string | undefined], options: TestOptions): Promise<number> {
  const { config, output } = context
  if (name === undefined && options.file !== undefined)
    throw usageError('--file needs the name of the pipeline that reads it')
  if (name !== undefined) {
    const plan = await loadPipeline(config.projectDir, name)
    const tested = await testPipeline(context, plan, options)
    output.result(tested.result)
    return tested.failed ? EXIT.refused : EXIT.ok
  }
  const { plans, invalid } = await loadPipelines(config.projectDir)
  if (plans.size === 0 && invalid.length === 0)
    throw failure('PIPELINE_UNKNOWN', { pipeline: '<name>', found: 'no pipelines/*/pipeline.ts at all' })
  const results: unknown[] = []
  let code: number = EXIT.ok
  for (const plan of plans.values()) {
    try {
      const tested = await testPipeline(context, plan, options)
      results.push(tested.result)
      if (tested.failed && code === EXIT.ok) code = EXIT.refused
    } catch (error) {
      output.line(`  ${describeError(error).replaceAll('\n', '\n  ')}`)
      results.push({ pipeline: plan.name, error: describeError(error) })
      code = EXIT.failed
    }
  }
  for (const { file, failure: why } of invalid) {
    output.line(`${file}\n  ${describeError(why).replaceAll('\n', '\n  ')}`)
    results.push({ file, error: describeError(why) })
    code = EXIT.failed
  }
  output.result({ pipelines: results })
  return code
}

async function testPipeline({ config, output }: Context, plan: Plan, options: TestOptions) {
  const { file, batch, epochs, count = plan.predict.task === 'next' ? TEXTS : COUNT } = options
  const startedMs = performance.now()
  output.line(`${plan.name} on ${file === undefined ? `its example events, at most ${count}` : file}`)
  const events =
    file === undefined
      ? await exampleEvents({ projectDir: config.projectDir, pipeline: plan.name, batch, count })
      : await sampleOf(eventsOfFile(file, { columns: plan.columns, stdin: process.stdin }), count)
  const rehearsed = await withInterrupts((signal) => rehearsePipeline({ config, output, plan, events, epochs, signal }))
  const { verdict } = rehearsed.evaluation
  const ms = performance.now() - startedMs
  const { given, planned } = rehearsed.epochs
  // what nobody asked to be shortened is judged; a model of a part of the events and epochs may miss gates that the whole one passes
  const sampled =
    (options.count === undefined && rehearsed.events >= count) || (epochs === undefined && given < planned)
  output.line(`${plan.name}: ${verdict} in ${formatMs(ms)}, nothing was kept`)
  if (verdict === 'FAIL' && sampled) {
    output.line(`  on a sample, so it is no refusal: --count and --epochs ${planned} judge it by as many as you say`)
  }
  output.line()
  const { golden: _, rejects, ...rest } = rehearsed
  return {
    failed: verdict === 'FAIL' && !sampled,
    result: { pipeline: plan.name, verdict, sampled, ms: Math.round(ms), rejects: rejects.reasons, ...rest },
  }
}
