// What a run has done so far: for the progress query, the UI's details and the result.

import type { SearchAttributePair } from '@temporalio/common'
import { defineQuery, log, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { RETRAIN_PROGRESS_QUERY, type RetrainProgress, type StageName, type StageReport } from '../schemas/run.ts'
import { attribute } from './attributes.ts'

type Finished = Pick<StageReport, 'reused' | 'why'> & { readonly rows?: number }

export interface Journal {
  /** Runs a stage and notes how long it took and whether an earlier result was used. */
  stage<T>(name: StageName, work: () => Promise<T>, report: (result: T) => Finished): Promise<T>
  detail(text: string): void
  /** A signal has no answer: what is wrong with it stands in the log and under Current Details. */
  refuse(why: string): void
  close(outcome: string, attributes?: readonly SearchAttributePair[]): void
  readonly stages: readonly StageReport[]
}

/** Answers the progress query from here on. */
export function keepJournal(plan: CarriedPlan): Journal {
  const stages: StageReport[] = []
  let now: RetrainProgress['stage'] = 'ingest'
  let detail = ''
  let refused = ''
  const show = (): void => setCurrentDetails(asMarkdown(plan, { stage: now, detail, stages }) + refused)

  upsertSearchAttributes([attribute('SluicePipeline', plan.name)])
  setHandler(
    defineQuery<RetrainProgress>(RETRAIN_PROGRESS_QUERY),
    (): RetrainProgress => ({ stage: now, detail, stages }),
    { description: 'Stages so far and what runs now' },
  )
  return {
    stages,
    async stage(name, work, report) {
      now = name
      detail = ''
      upsertSearchAttributes([attribute('SluiceStage', name)])
      show()
      const startedMs = Date.now()
      const result = await work()
      stages.push({ stage: name, ms: Date.now() - startedMs, ...report(result) })
      return result
    },
    detail(text) {
      detail = text
      show()
    },
    refuse(why) {
      log.warn('a signal was refused', { why })
      refused = `\n\n**The last signal was refused.** ${why}`
      show()
    },
    close(outcome, attributes = []) {
      now = 'done'
      detail = outcome
      upsertSearchAttributes([attribute('SluiceStage', 'done'), ...attributes])
      show()
    },
  }
}

function asMarkdown(plan: CarriedPlan, { stage, detail, stages }: RetrainProgress): string {
  const rows = stages.map(
    ({ stage: name, ms, rows: count, reused, why }) =>
      `| ${name} | ${(ms / 1000).toFixed(1)} s | ${count ?? ''} | ${reused ? 'reused: ' : ''}${why.replaceAll('|', '\\|')} |`,
  )
  const title = `## ${plan.name}: ${stage === 'done' ? detail : `${stage}${detail === '' ? '' : `, ${detail}`}`}`
  return rows.length === 0
    ? title
    : [title, '', '| stage | time | rows | why |', '|---|---|---|---|', ...rows].join('\n')
}
