// sluice without a verb: looks at what is there and says what to do next.
import { retrainWorkflowId } from '../../schemas/ids.ts'
import {
  BRING_BACK,
  type PipelineStatus,
  readStatus,
  type SystemStatus,
  type WaitingCandidate,
} from '../commands/status.ts'
import { EXIT } from '../exit-codes.ts'
import type { Context } from '../shell.ts'
import { describeAround } from '../waiting/look-around.ts'
import type { UnderWay } from '../waiting/runs-of.ts'
import { describeInvalid } from './describe-invalid.ts'
import { describeQuestion } from './describe-workflows.ts'

/** Prints one next step, and where to read on. */
export async function tellNextStep({ config, output }: Context): Promise<number> {
  const status = await readStatus(config)
  output.line('sluice: models that keep themselves current\n')
  for (const line of [...nextStep(status), ...describeInvalid(status.invalid)]) output.line(line)
  output.line('\nall commands: `sluice --help`')
  return EXIT.ok
}

const NO_PROJECT =
  'no pipeline here. next: `sluice init my-project` makes a project with one; in a project, write pipelines/<name>/pipeline.ts'

/** The state of the system → what a person would do next. Pure. */
export function nextStep({ ready, worker, known, pipelines, invalid, around }: SystemStatus): string[] {
  if (known === 0 && invalid.length === 0) return [NO_PROJECT]
  if (!ready) {
    const { unreachable = [] } = around ?? {}
    if (unreachable.length > 0) return [...describeAround({ unreachable, underWay: [] }), `next: ${BRING_BACK}`]
    return ['no servers run. next: `sluice demo` shows everything at once; `sluice up` starts the servers alone']
  }
  const questions = pipelines.flatMap(({ pipeline, waiting }) => waiting.flatMap((each) => askFor(pipeline, each)))
  if (questions.length > 0) return questions
  if (!worker) return ['the servers run, no worker does. next: `sluice worker` in another terminal']
  const { underWay = [] } = around ?? {}
  const waiting = underWay.filter(({ waits }) => waits !== null)
  if (waiting.length > 0) return describeAround({ unreachable: [], underWay: waiting })
  if (pipelines.length === 0 && invalid.length > 0) return ['no pipeline here can be used. next: correct its file']
  return pipelines.map((pipeline) => describePipeline(pipeline, underWay))
}

function askFor(pipeline: string, waiting: WaitingCandidate): string[] {
  const { question, url } = waiting
  if (question !== undefined && question.state !== 'running') return describeQuestion(pipeline, waiting)
  return [
    `a candidate of ${pipeline} waits for a decision: ${url}`,
    `next: \`sluice approve ${pipeline} --reason "…"\`, or \`sluice reject ${pipeline} --reason "…"\``,
  ]
}

function describePipeline({ pipeline, champion }: PipelineStatus, underWay: readonly UnderWay[]): string {
  const run = underWay.find(({ workflowId }) => workflowId === retrainWorkflowId(pipeline))
  if (run !== undefined) {
    const stage = run.stage === null ? '' : ` (${run.stage})`
    return `a run of ${pipeline} is under way${stage}. next: \`sluice run ${pipeline}\` follows it`
  }
  return champion === null
    ? `${pipeline} has no model yet. next: \`sluice apply ${pipeline}\`, \`sluice send ${pipeline}\`, \`sluice run ${pipeline}\``
    : `${pipeline} is live. next: \`sluice predict ${pipeline}\`, or \`sluice serve\``
}
