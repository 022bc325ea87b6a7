// The Markdown that an approver reads: what changed, how it was judged, what to send. Pure.
import type { DatasetManifest, DatasetRef } from '../schemas/dataset.ts'
import { shortDigest } from '../schemas/ids.ts'
import type { Coverage, SnapshotRef } from '../schemas/manifest.ts'
import type { ModelCard, ModelRef } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import type { Evaluation, GateResult, Verdict } from '../schemas/verdict.ts'

/** The model in service. */
export interface Lived {
  readonly digest: string
  readonly card: ModelCard
  readonly dataset: DatasetManifest
}

export interface SummaryParts {
  readonly plan: Plan
  readonly snapshot: SnapshotRef
  readonly dataset: DatasetRef
  readonly model: ModelRef
  readonly evaluation: Evaluation
  /** null: nothing is in service yet */
  readonly champion: Lived | null
}

/** Gates listed in full; beyond that only those that are not PASS, since the UI shows 20 KB at most. */
const MAX_GATES = 30

/** About 2 to 10 KB of Markdown: tables, code, no HTML (the UI removes it). */
export function buildSummary(parts: SummaryParts): string {
  return [
    verdictSection(parts),
    decideSection(parts),
    gatesSection(parts.evaluation),
    metricsSection(parts.evaluation),
    changesSection(parts),
    rowsSection(parts.dataset),
    lineageSection(parts),
  ].join('\n\n')
}

const SAYS: Record<Verdict, string> = {
  PASS: 'every gate passed',
  FAIL: 'a gate failed: this candidate cannot be approved',
  INCONCLUSIVE: 'the data does not decide every gate: approving needs a reason',
}

function verdictSection({ plan, model, evaluation, champion }: SummaryParts): string {
  const against = champion === null ? 'nothing is in service yet' : `in service is \`${shortDigest(champion.digest)}\``
  return [
    `## ${plan.name}: candidate \`${shortDigest(model.digest)}\``,
    '',
    `**${evaluation.verdict}**: ${SAYS[evaluation.verdict]}; judged on ${count(evaluation.rows)} test rows; ${against}.`,
  ].join('\n')
}

function decideSection({ model, evaluation }: SummaryParts): string {
  const reason = evaluation.verdict === 'INCONCLUSIVE' ? 'why it may go live all the same' : 'looks good'
  const input = { decision: 'approve', reason, candidateDigest: model.digest, by: 'your name' }
  return [
    '### To decide',
    '',
    '**More Actions → Send an Update → `decide`**, with this as data (`"reject"` needs a reason):',
    '',
    '```json',
    JSON.stringify(input, null, 2),
    '```',
    '',
    'While no worker runs, send the Signal `decideSignal` with the same data.',
  ].join('\n')
}

function gatesSection({ gates }: Evaluation): string {
  if (gates.length === 0) return '### Gates\n\nThe pipeline declares none: nothing was judged.'
  const shown =
    gates.length <= MAX_GATES ? gates : gates.filter(({ verdict }) => verdict !== 'PASS').slice(0, MAX_GATES)
  const hidden = gates.length - shown.length
  const rows = shown.map((gate) =>
    row([cell(gate.name + slice(gate)), gate.verdict, interval(gate), count(gate.rows), cell(gate.why)]),
  )
  const rest = hidden === 0 ? [] : ['', `${hidden} more gates are in the evaluation.`]
  return ['### Gates', '', ...table(['gate', 'verdict', 'estimate [interval]', 'rows', 'why'], rows), ...rest].join(
    '\n',
  )
}

function slice({ gate, slice: value }: GateResult): string {
  return value === undefined || gate.within === undefined ? '' : `, ${gate.within} = ${value}`
}

function interval({ estimate, interval: [low, high] }: GateResult): string {
  return `${number(estimate)} [${number(low)}, ${number(high)}]`
}

function metricsSection({ metrics, championMetrics }: Evaluation): string {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const before = championMetrics?.[name as keyof typeof metrics]
    const change = before === undefined ? '' : `${value >= before ? '+' : ''}${number(value - before)}`
    return row([name, number(value), before === undefined ? '' : number(before), change])
  })
  return ['### Metrics on the same rows', '', ...table(['metric', 'candidate', 'champion', 'change'], rows)].join('\n')
}

function changesSection({ model, dataset, champion }: SummaryParts): string {
  if (champion === null) return '### Changed since the champion\n\nThis would be the first model in service.'
  const { card, dataset: before } = champion
  const lines = [
    before.accounting.clean === dataset.accounting.clean
      ? '- the same number of clean rows'
      : `- clean rows: ${count(before.accounting.clean)} → ${count(dataset.accounting.clean)}`,
    card.dataset === model.dataset
      ? '- the same dataset'
      : `- dataset: \`${shortDigest(card.dataset)}\` → \`${shortDigest(model.dataset)}\``,
    `- validation loss: ${number(card.validationLoss)} → ${number(model.validationLoss)}`,
    `- epochs: ${card.epochs} → ${model.epochs}`,
  ]
  return ['### Changed since the champion', '', ...lines].join('\n')
}

function rowsSection({ accounting }: DatasetRef): string {
  const { clean, rejected, duplicates, split } = accounting
  const reasons = Object.entries(accounting.rejectedBy)
    .filter(([, rows]) => rows > 0)
    .map(([reason, rows]) => `${cell(reason)} ${count(rows)}`)
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
  return [
    '### Rows',
    '',
    `${count(accounting.in)} in = ${count(clean)} clean + ${count(rejected)} rejected${why} + ${count(duplicates)} duplicates; ` +
      `train ${count(split.train)}, validate ${count(split.validate)}, test ${count(split.test)}.`,
  ].join('\n')
}

function lineageSection({ plan, snapshot, dataset, model, evaluation }: SummaryParts): string {
  return [
    '### Lineage',
    '',
    `- topic \`${snapshot.source.topic}\`, cluster \`${snapshot.source.clusterId}\`, snapshot ${snapshot.version}`,
    `- plan \`${shortDigest(plan.fingerprint)}\`, dataset \`${shortDigest(dataset.digest)}\`, evaluation of champion \`${evaluation.champion === null ? 'none' : shortDigest(evaluation.champion)}\``,
    `- candidate \`${model.digest}\``,
  ].join('\n')
}

/** Offsets per partition, e.g. "0: [0, 1200)". */
export function offsets(coverage: readonly Coverage[]): string {
  return coverage.map(({ partition, start, end }) => `${partition}: [${start}, ${end})`).join(', ')
}

function table(head: readonly string[], rows: readonly string[]): string[] {
  return [row(head), row(head.map(() => '---')), ...rows]
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Text of users inside a table: a bar or a line break would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}

function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value)
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
