// One pipeline from a sample of events to its verdict, told as it goes.

import type { Config } from '../../core/config.ts'
import { openPersonalKey } from '../../core/personal-key.ts'
import type { RejectSample } from '../../lake/snapshots/reject-report.ts'
import type { DemoEvent } from '../../schemas/event.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { StageName } from '../../schemas/run.ts'
import { toPrediction } from '../../serving/prediction.ts'
import { type Rehearsed, rehearse } from '../../stages/rehearse/rehearse.ts'
import { openTrainingView } from '../../stages/train/training-view.ts'
import { schemaRegistry } from '../../stream/schema-registry.ts'
import { describePrediction } from '../output/describe-prediction.ts'
import { describeGates, describeRows } from '../output/describe-result.ts'
import { formatCount, formatMs, type Output } from '../output/output.ts'
import { createProgress } from '../output/progress.ts'

export interface RehearsePipeline {
  readonly config: Config
  readonly output: Output
  readonly plan: Plan
  readonly events: Iterable<Omit<DemoEvent, 'key'>> | AsyncIterable<Omit<DemoEvent, 'key'>>
  readonly epochs?: number | undefined
  readonly signal: AbortSignal
}

/** Stands in for a secret that a user's CI lacks: what it hashes leaves memory nowhere. */
const NO_SECRET = 'a key for rehearsals, which keep nothing'
/** bytes of a reject's value that are shown */
const SHOWN = 160

/** Prints rows, rejects, training, metrics, gates and one answer. Throws what the stages throw. */
export async function rehearsePipeline({
  config,
  output,
  plan,
  events,
  epochs,
  signal,
}: RehearsePipeline): Promise<Rehearsed> {
  const progress = createProgress(output.stream)
  const begun = new Map<StageName, number>()
  const view = openTrainingView(plan.train)
  try {
    const rehearsed = await rehearse({
      plan,
      events,
      epochs,
      signal,
      backend: config.backend,
      registry: config.schemaRegistry === null ? null : schemaRegistry(config.schemaRegistry),
      personalKey: openPersonalKey(config.personalKey ?? NO_SECRET),
      onStage: (stage) => begun.set(stage, performance.now()),
      onRejects: ({ samples, reasons }) => {
        for (const { reason, count } of reasons) progress.line(`  reject  ${formatCount(count)} × ${reason}`)
        for (const sample of samples) progress.line(describeSample(sample))
      },
      onDataset: (dataset) => {
        for (const line of describeRows({ dataset })) progress.line(line)
        const { train, validate, test } = dataset.accounting.split
        progress.line(
          `  split: ${formatCount(train)} train, ${formatCount(validate)} validate, ${formatCount(test)} test`,
        )
      },
      onLine(line) {
        const seen = view(line)
        if (seen !== undefined)
          progress.update({ label: 'train', value: seen.step, total: seen.steps, detail: seen.text })
      },
    })
    progress.close()
    tellResult(output, plan, rehearsed, performance.now() - begun.get('train')!)
    return rehearsed
  } finally {
    progress.close()
  }
}

function describeSample({ offset, value }: RejectSample): string {
  const text = value === null ? 'no value' : Buffer.from(value.subarray(0, SHOWN)).toString()
  return `          event ${formatCount(Number(offset) + 1)}: ${JSON.stringify(text)}${value !== null && value.length > SHOWN ? ' …' : ''}`
}

function tellResult(
  output: Output,
  plan: Plan,
  { candidate, evaluation, epochs, golden }: Rehearsed,
  trainMs: number,
): void {
  const { given, planned } = epochs
  const shortened = given < planned ? ` of ${planned}, so that it takes seconds (--epochs ${planned}: all)` : ''
  output.line(
    `  trained ${candidate.epochs} epochs${candidate.epochs < given ? ` of ${given}, no longer better` : shortened}, ${formatMs(trainMs)} with judging`,
  )
  for (const line of describeGates({ candidate, evaluation })) output.line(line)
  const row = golden.rows.findIndex((each) => Object.keys(each).length > 0)
  if (row < 0 || plan.predict.task === 'next') return
  const answer = describePrediction(toPrediction(plan.predict, golden.outputs[row]!))
  output.line(`  answers ${answer} to ${shortRow(golden.rows[row]!)}`)
}

/** columns of a terminal that are left for a row */
const ROW_COLUMNS = 60

function shortRow(row: unknown): string {
  const text = JSON.stringify(row)
  return text.length <= ROW_COLUMNS ? text : `${text.slice(0, ROW_COLUMNS)}…`
}
