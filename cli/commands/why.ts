// sluice why: for each stage of a run whether it was done or reused, and the exact words, rows or files that differ.
import type { Command } from 'commander'
import type { Config } from '../../core/config.ts'
import { explainRun } from '../../lake/runs/explain-run.ts'
import { findRun, newestRun, type PipelineRuns, readRuns } from '../../lake/runs/find-run.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import type { Store } from '../../lake/store/store.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { failure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import { explainNow, type Now } from '../../stages/explain-now.ts'
import { stageCode } from '../../workers/code/stage-code.ts'
import { withStore, withTemporal } from '../clients.ts'
import { describeStages, runData, runRow } from '../explain/describe-why.ts'
import { folded, timeInWords } from '../explain/lines.ts'
import { isRunId, type TemporalRun, temporalRun } from '../explain/temporal-run.ts'
import { describeStage } from '../output/describe-run.ts'
import { formatCount, type Output } from '../output/output.ts'
import { type Context, examples, type Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command
    .addHelpText('after', examples('sluice why digits', 'sluice why digits 3', 'sluice why digits --list'))
    .option('--list', 'what runs made so far, with their numbers')
    .action(
      shell.action<[string, string?], { list?: boolean }>(async (context, [name, run], { list = false }) => {
        const plan = await loadPipeline(context.config.projectDir, name)
        await withStore(context.config, async (store) => {
          const runs = await readRuns(store, name)
          if (list) return listRuns(context, runs)
          await (run === undefined
            ? tellNewest(context, store, { plan, runs })
            : tellRun(context, store, { runs, run }))
        })
      }),
    )
}

function listRuns({ output }: Context, { pipeline, runs, champion }: PipelineRuns): void {
  output.table(runs.toReversed().map((run) => runRow(run, champion)))
  if (runs.length === 0) output.line(`no run made anything yet. next: \`sluice run ${pipeline}\``)
  output.result({ pipeline, champion, runs: runs.map(runData) })
}

/** The newest run, and what a run now would do. */
async function tellNewest(
  { config, output }: Context,
  store: Store,
  { plan, runs }: { readonly plan: Plan; readonly runs: PipelineRuns },
): Promise<void> {
  const code = await stageCode()
  const now = await explainNow(store, { plan, runs, ...code, backend: config.backend })
  if (now.snapshot === null) newestRun(runs) // nothing at all: says what to do
  const run = runs.runs.at(-1)
  const stages = run && (await explainRun(store, runs, run))
  if (run && stages) {
    tellHead(output, plan.name, run)
    for (const line of describeStages(stages)) output.line(line)
    output.line()
  }
  tellNow(output, plan.name, now)
  output.result({ pipeline: plan.name, run: run && stages ? { ...runData(run), stages } : null, now })
}

function tellNow(output: Output, pipeline: string, { snapshot, stages }: Now): void {
  if (snapshot === null) {
    output.line('nothing of its source as it is now is in the lake')
    return
  }
  const records = formatCount(snapshot.rows + snapshot.rejects)
  const isDone = stages.every(({ state }) => state !== 'would be done')
  const what = isDone ? 'a run now would reuse everything' : 'a run now'
  const basis = `snapshot ${snapshot.version}, ${records} records; what waits in the topic is not counted`
  for (const line of folded('', `${what}: ${basis}`)) output.line(line)
  if (isDone) return
  for (const line of describeStages(stages)) output.line(line)
  output.line(`next: \`sluice run ${pipeline}\``)
}

async function tellRun(
  { config, output }: Context,
  store: Store,
  { runs, run: name }: { readonly runs: PipelineRuns; readonly run: string },
): Promise<void> {
  const remembered = isRunId(name) ? await rememberedRun(config, runs, name) : null
  if (remembered !== null) {
    output.line(
      `${runs.pipeline}, run ${name} in Temporal: ${remembered.status}, began ${timeInWords(remembered.startedAt)}`,
    )
    for (const stage of remembered.stages) output.line(describeStage(stage))
    output.line()
  }
  const run = remembered === null ? findRun(runs, name) : madeBy(runs, remembered)
  const stages = run === null ? null : await explainRun(store, runs, run)
  if (run !== null && stages !== null) {
    tellHead(output, runs.pipeline, run)
    for (const line of describeStages(stages)) output.line(line)
  }
  output.result({
    pipeline: runs.pipeline,
    run: run && stages ? { ...runData(run), stages } : null,
    ...(remembered && { temporal: remembered }),
  })
}

/** Throws RUN_UNKNOWN where Temporal has forgotten the run: the list has what it made. */
async function rememberedRun(config: Config, { pipeline, runs }: PipelineRuns, runId: string): Promise<TemporalRun> {
  const found = await withTemporal(config, (client) => temporalRun(client, pipeline, runId))
  if (found !== null) return found
  const expected = `a run that Temporal still remembers, or a number from 1 to ${runs.length}`
  throw failure('RUN_UNKNOWN', { pipeline, name: runId, expected, found: 'neither' })
}

/** What the run of Temporal made or took: the first of its model. */
function madeBy({ runs }: PipelineRuns, { candidate }: TemporalRun): MadeRun | null {
  return runs.find(({ train }) => train !== null && train.output.digest === candidate) ?? null
}

function tellHead(output: Output, pipeline: string, { number, at, train }: MadeRun): void {
  const model = train === null ? '' : `, model ${train.output.digest.slice(0, 12)}`
  output.line(`${pipeline}, run ${number}, ended ${timeInWords(at)}${model}`)
}
