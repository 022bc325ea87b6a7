// What `sluice why` says: stage by stage what was done or reused, and what was different.
import type { ExplainedStage } from '../../lake/runs/explain-run.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { formatCount } from '../output/output.ts'
import { folded, timeInWords } from './lines.ts'

const STATE_WIDTH = 'would be done'.length

/** Lines of one run, or of a run to be. */
export function describeStages(stages: readonly ExplainedStage[]): string[] {
  return stages.flatMap((stage) => {
    const lead = `  ${stage.stage.padEnd(8)}  ${stage.state.padEnd(STATE_WIDTH)}  `
    return reasonsOf(stage).flatMap((reason, i) => folded(i === 0 ? lead : ' '.repeat(lead.length), reason))
  })
}

function reasonsOf({ state, comparedWith, differs }: ExplainedStage): string[] {
  if (state === 'missing') return ['nothing came of it']
  if (state === 'reused') return [`as made ${timeInWords(comparedWith)}`]
  if (differs.length === 0) return ['nothing like it was done before']
  return differs.flatMap(({ input, words }) => words.map((line, i) => (i === 0 ? `${input}: ${line}` : `  ${line}`)))
}

const STAGES = 3

/** A row of the list of runs: at most 80 columns. */
export function runRow({ number, at, clean, train, evaluate, made }: MadeRun, champion: string | null) {
  const model = train?.output.digest
  return {
    run: String(number),
    'ended (UTC)': at === null ? 'not noted' : at.slice(0, 16).replace('T', ' '),
    made: made.length === STAGES ? 'all stages' : made.join(', '),
    records: clean === null ? '' : formatCount(clean.output.accounting.in),
    'model (* live)': model === undefined ? '' : `${shortDigest(model)}${model === champion ? ' *' : ''}`,
    verdict: evaluate?.output.verdict ?? '',
  }
}

/** What programs get of a run. */
export function runData({ number, at, clean, train, evaluate, made }: MadeRun) {
  return {
    number,
    at,
    made,
    dataset: clean?.output.digest ?? null,
    records: clean?.output.accounting.in ?? null,
    model: train?.output.digest ?? null,
    verdict: evaluate?.output.verdict ?? null,
  }
}
