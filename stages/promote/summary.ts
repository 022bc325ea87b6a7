// The Markdown that an approver reads: what changed, how it was judged, what to send. Pure.
import { showNumber } from '../../judge/gates.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { type Coverage, offsetsBefore, type SnapshotRef } from '../../schemas/manifest.ts'
import type { MetricName } from '../../schemas/metrics.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import { shortened } from '../../schemas/shown.ts'
import type { Evaluation, GateResult, Verdict } from '../../schemas/verdict.ts'
import { mattersMost } from '../evaluate/evaluation-ref.ts'
import { metricChange, metricWords } from './metric-words.ts'

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
  /** absent: nothing is in service */
  readonly words?: ChangedWords
  /** absent: what is in service was approved, and not put back by a rollback */
  readonly rollback?: RolledBack
}

/** The rollback by which the champion came back. */
export interface RolledBack {
  /** by whom, when and why */
  readonly words: string
  /** what the candidate shares with the model that was rolled back; null: nothing of its settings and rows */
  readonly shares: string | null
}

/** What differs from the champion's settings, in words; null: those are not known any more, only their digests. */
export interface ChangedWords {
  /** columns, rules, features, split */
  readonly data: string | null
  readonly training: string | null
}

/** Gates listed in full; beyond that only those that are not PASS, since the UI shows 20 KB at most. */
const MAX_GATES = 30

/**
 * About 2 to 10 KB of Markdown for a column of some 50 characters: lists, since the UI leaves no space between a table's cells; no list
 * in a list, which it writes as one line; no HTML, which it removes.
 */
export function buildSummary(parts: SummaryParts): string {
  return [
    verdictSection(parts),
    ...rollbackSection(parts),
    changesSection(parts),
    metricsSection(parts.evaluation),
    decideSection(parts),
    gatesSection(parts.evaluation),
    rowsSection(parts.candidate),
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
    `### ${plan.name}: candidate \`${shortDigest(candidate.digest)}\``,
    '',
    `**${evaluation.verdict}**: ${SAYS[evaluation.verdict]}; judged on ${count(evaluation.rows)} test rows, which it was not trained on; ${against}.`,
  ].join('\n')
}

/** What the gates did not see once they may not see again. */
function rollbackSection({ rollback }: SummaryParts): string[] {
  if (rollback === undefined) return []
  const { words, shares } = rollback
  const alike =
    shares === null ? '' : ` **This candidate has ${shares} of that one**: look whether it answers better there.`
  return [`**Mind:** the champion was ${plain(words)}.${alike}`]
}

function decideSection({ candidate, evaluation }: SummaryParts): string {
  const reason = evaluation.verdict === 'INCONCLUSIVE' ? 'why it may go live all the same' : 'looks good'
  // the start of the digest, which `decide` takes too: a whole one is wider than the page's column
  const input = { decision: 'approve', reason, candidateDigest: shortDigest(candidate.digest), by: 'your name' }
  return [
    '#### To decide',
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
  if (gates.length === 0) return '#### Gates\n\nThe pipeline declares none: nothing was judged.'
  const shown = gates.length <= MAX_GATES ? gates : mattersMost(gates).slice(0, MAX_GATES)
  const hidden = gates.length - shown.length
  const lines = shown.map((gate) => {
    const name = plain(shortened(gate.name + slice(gate), MAX_NAME))
    return `- **${gate.verdict}** ${name}, on ${count(gate.rows)} rows: ${plain(gate.why)}`
  })
  const rest = hidden === 0 ? [] : ['', `${hidden} more gates are in the evaluation.`]
  return ['#### Gates', '', ...lines, ...rest].join('\n')
}

/** Where the gate's name does not say it already. */
function slice({ gate, name, slice: value }: GateResult): string {
  if (value === undefined || gate.within === undefined) return ''
  const where = `${gate.within} = ${value}`
  return name.endsWith(where) ? '' : `, ${where}`
}

function metricsSection({ metrics, championMetrics }: Evaluation): string {
  const lines = (Object.entries(metrics) as [MetricName, number][]).map(([name, value]) => {
    const before = championMetrics?.[name]
    const beside =
      before === undefined ? '' : `, champion ${showNumber(before)}: **${metricChange(name, value, before)}**`
    return `- **${name} ${showNumber(value)}**${beside} (${metricWords(name)})`
  })
  const title = championMetrics === null ? '#### How well it answers' : '#### How well both answer the same rows'
  return [title, '', ...lines].join('\n')
}

function changesSection({ candidate, champion, words }: SummaryParts): string {
  const title = '#### Changed since the champion'
  if (champion === null) return `${title}\n\nThis would be the first model in service.`
  const [before, after] = [champion, candidate]
  const causes = [
    changed('training and test rows', before.card.dataset, after.card.dataset),
    changed('rules, features or split', before.dataset.recipe, after.dataset.recipe, words?.data),
    changed('training settings', before.card.recipe, after.card.recipe, words?.training),
    changed('training code', before.card.code, after.card.code),
    changed('backend', backend(before.card), backend(after.card)),
  ].filter((line) => line !== null)
  const effects = [
    became('clean rows', count(before.dataset.accounting.clean), count(after.dataset.accounting.clean)),
    became('validation loss', showNumber(before.card.validationLoss), showNumber(after.card.validationLoss)),
    became('epochs', count(before.card.epochs), count(after.card.epochs)),
  ].filter((line) => line !== null)
  return [title, '', ...causes, ...effects].join('\n')
}

function became(what: string, before: string, after: string): string | null {
  return before === after ? null : `- ${what}: ${before} → ${after}`
}

/** `words` instead of the digests, where they are known. */
function changed(what: string, before: string, after: string, words?: string | null): string | null {
  if (before === after) return null
  return words ? `- ${what}: ${code(words)}` : `- ${what}: \`${short(before)}\` → \`${short(after)}\``
}

/** Text of users, as it is: outside of a code span the UI would take parts of it for markup. */
function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``
}

function short(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? shortDigest(value) : value
}

function backend({ backend: { name, version, device } }: ModelCard): string {
  return `${name} ${version} on ${device}`
}

/** Rules with rejected rows that are named. */
const MAX_REASONS = 30

function rowsSection({ card, dataset: { accounting } }: Version): string {
  const { clean, rejected, duplicates, split } = accounting
  const reasons = Object.entries(accounting.rejectedBy)
    .filter(([, rows]) => rows > 0)
    .map(([reason, rows]) => `${plain(reason)} ${count(rows)}`)
  const more = reasons.length > MAX_REASONS ? ` and ${reasons.length - MAX_REASONS} more` : ''
  const why = reasons.length === 0 ? '' : ` (${reasons.slice(0, MAX_REASONS).join(', ')}${more})`
  return [
    '#### Rows',
    '',
    `${count(accounting.in)} in = ${count(clean)} clean + ${count(rejected)} rejected${why} + ${count(duplicates)} duplicates; ` +
      `train ${count(split.train)}, validate ${count(split.validate)}, test ${count(split.test)}.`,
    ...(card.notes ?? []).flatMap((note) => ['', `**Mind:** ${plain(note)}.`]),
  ].join('\n')
}

function lineageSection({ plan, snapshot, candidate }: SummaryParts): string {
  const { source, coverage } = candidate.dataset.lineage
  return [
    '#### Lineage',
    '',
    `- topic \`${source.topic}\` of cluster \`${source.clusterId}\`${snapshot === null ? '' : `, snapshot ${snapshot.version}`}`,
    `- offsets per partition: ${offsets(coverage)}`,
    ...lostBefore(coverage),
    // asked again from the store alone, the plan at hand may be a later one than the candidate's
    `- ${snapshot === null ? '' : `plan \`${shortDigest(plan.fingerprint)}\`, `}dataset \`${shortDigest(candidate.card.dataset)}\`, trained by ${backend(candidate.card)}`,
    `- candidate \`${candidate.digest}\``,
  ].join('\n')
}

function lostBefore(coverage: readonly Coverage[]): string[] {
  const lost = offsetsBefore(coverage)
  return lost === 0 ? [] : [`- ${count(lost)} earlier offsets were gone from the topic before its first ingest`]
}

/** Partitions named one by one; beyond that only how many. */
const MAX_PARTITIONS = 16

/** E.g. "0: [0, 1200)". */
function offsets(coverage: readonly Coverage[]): string {
  const shown = coverage.slice(0, MAX_PARTITIONS).map(({ partition, start, end }) => `${partition}: [${start}, ${end})`)
  const hidden = coverage.length - shown.length
  return [...shown, ...(hidden === 0 ? [] : [`and ${hidden} more partitions`])].join(', ')
}

/** Values of a category may be long. */
const MAX_NAME = 160

/** Text of users on one line, as it is: nothing of it is taken for markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, '\\$&').replace(/\s+/g, ' ')
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
