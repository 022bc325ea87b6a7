// The Markdown that an approver reads: what changed, how it was judged, what to send. Pure.
import { showNumber } from '../../judge/gates.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { Coverage, SnapshotRef } from '../../schemas/manifest.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Evaluation, GateResult, Verdict } from '../../schemas/verdict.ts'

/** A model with what it was made from. */
export interface Version {
  readonly digest: string
  readonly card: ModelCard
  readonly dataset: DatasetManifest
}

export interface SummaryParts {
  readonly plan: Plan
  /** null: not known any more */
  readonly snapshot: Pick<SnapshotRef, 'version'> | null
  readonly candidate: Version
  readonly evaluation: Evaluation
  /** the model in service; null: none yet */
  readonly champion: Version | null
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
    rowsSection(parts.candidate.dataset),
    lineageSection(parts),
  ].join('\n\n')
}

const SAYS: Record<Verdict, string> = {
  PASS: 'every gate passed',
  FAIL: 'a gate failed: this candidate cannot be approved',
  INCONCLUSIVE: 'the data does not decide every gate: approving needs a reason',
}

function verdictSection({ plan, candidate, evaluation, champion }: SummaryParts): string {
  const against = champion === null ? 'nothing is in service yet' : `in service is \`${shortDigest(champion.digest)}\``
  return [
    `## ${plan.name}: candidate \`${shortDigest(candidate.digest)}\``,
    '',
    `**${evaluation.verdict}**: ${SAYS[evaluation.verdict]}; judged on ${count(evaluation.rows)} test rows; ${against}.`,
  ].join('\n')
}

function decideSection({ candidate, evaluation }: SummaryParts): string {
  const reason = evaluation.verdict === 'INCONCLUSIVE' ? 'why it may go live all the same' : 'looks good'
  const input = { decision: 'approve', reason, candidateDigest: candidate.digest, by: 'your name' }
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
  return `${showNumber(estimate)} [${showNumber(low)}, ${showNumber(high)}]`
}

function metricsSection({ metrics, championMetrics }: Evaluation): string {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const before = championMetrics?.[name as keyof typeof metrics]
    const change = before === undefined ? '' : `${value >= before ? '+' : ''}${showNumber(value - before)}`
    return row([name, showNumber(value), before === undefined ? '' : showNumber(before), change])
  })
  return ['### Metrics on the same rows', '', ...table(['metric', 'candidate', 'champion', 'change'], rows)].join('\n')
}

function changesSection({ candidate, champion }: SummaryParts): string {
  const title = '### Changed since the champion'
  if (champion === null) return `${title}\n\nThis would be the first model in service.`
  const [before, after] = [champion, candidate]
  const causes = [
    changed('training and test rows', before.card.dataset, after.card.dataset),
    changed('rules, features or split', before.dataset.recipe, after.dataset.recipe),
    changed('training settings', before.card.recipe, after.card.recipe),
    changed('training code', before.card.code, after.card.code),
    changed('backend', backend(before.card), backend(after.card)),
  ].filter((line) => line !== null)
  const effects = [
    `- clean rows: ${count(before.dataset.accounting.clean)} → ${count(after.dataset.accounting.clean)}`,
    `- validation loss: ${showNumber(before.card.validationLoss)} → ${showNumber(after.card.validationLoss)}`,
    `- epochs: ${before.card.epochs} → ${after.card.epochs}`,
  ]
  return [title, '', ...causes, ...effects].join('\n')
}

function changed(what: string, before: string, after: string): string | null {
  return before === after ? null : `- ${what}: \`${short(before)}\` → \`${short(after)}\``
}

function short(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? shortDigest(value) : value
}

function backend({ backend: { name, version, device } }: ModelCard): string {
  return `${name} ${version} on ${device}`
}

function rowsSection({ accounting }: DatasetManifest): string {
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

function lineageSection({ plan, snapshot, candidate }: SummaryParts): string {
  const { source, coverage } = candidate.dataset.lineage
  return [
    '### Lineage',
    '',
    `- topic \`${source.topic}\` of cluster \`${source.clusterId}\`${snapshot === null ? '' : `, snapshot ${snapshot.version}`}`,
    `- offsets per partition: ${offsets(coverage)}`,
    `- plan \`${shortDigest(plan.fingerprint)}\`, dataset \`${shortDigest(candidate.card.dataset)}\`, trained by ${backend(candidate.card)}`,
    `- candidate \`${candidate.digest}\``,
  ].join('\n')
}

/** Partitions named one by one; beyond that only how many. */
const MAX_PARTITIONS = 16

/** E.g. "0: [0, 1200)". */
function offsets(coverage: readonly Coverage[]): string {
  const shown = coverage.slice(0, MAX_PARTITIONS).map(({ partition, start, end }) => `${partition}: [${start}, ${end})`)
  const hidden = coverage.length - shown.length
  return [...shown, ...(hidden === 0 ? [] : [`and ${hidden} more partitions`])].join(', ')
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

function count(value: number): string {
  return value.toLocaleString('en-US')
}
