// What came out of a run, for people.
import { shortDigest } from '../../schemas/ids.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import type { Verdict } from '../../schemas/verdict.ts'
import { formatCount } from './output.ts'

const MARK: Record<Verdict, string> = { PASS: '✓', FAIL: '✗', INCONCLUSIVE: '?' }

/** Lines: rows, metrics next to the champion's, one line per gate, outcome. */
export function describeResult(result: RetrainResult): string[] {
  return [
    ...describeRows(result),
    ...describeGates(result),
    `outcome: ${result.outcome}${result.decided === undefined ? '' : `: ${result.decided}`}`,
  ]
}

export function describeRows({ dataset }: Pick<RetrainResult, 'dataset'>): string[] {
  if (dataset === null) return []
  const { in: all, clean, rejected, duplicates, rejectedBy } = dataset.accounting
  const by = Object.entries(rejectedBy).map(([rule, count]) => `${rule}: ${formatCount(count)}`)
  const reasons = by.length === 0 ? '' : ` (${by.join(', ')})`
  return [
    `  rows: ${formatCount(all)} in = ${formatCount(clean)} clean + ${formatCount(rejected)} rejected${reasons} + ${formatCount(duplicates)} duplicates`,
  ]
}

/** Nothing when the candidate was not judged. */
export function describeGates({ candidate, evaluation }: Pick<RetrainResult, 'candidate' | 'evaluation'>): string[] {
  if (candidate === null || evaluation === null) return []
  const { metrics, championMetrics, champion, gates, moreGates = 0, verdict } = evaluation
  const shown = Object.entries(metrics).map(([name, value]) => {
    const before = championMetrics?.[name as keyof typeof metrics]
    return `${name} ${value.toFixed(4)}${before === undefined ? '' : ` (champion ${before.toFixed(4)})`}`
  })
  const against = champion === null ? 'no champion yet' : `against champion ${shortDigest(champion)}`
  return [
    `  candidate ${shortDigest(candidate.digest)}, ${against}: ${verdict}`,
    `  ${shown.join(', ')}`,
    ...gates.map((gate) => `  ${MARK[gate.verdict]} ${gate.name}: ${gate.verdict}, ${gate.why}`),
    ...(moreGates === 0 ? [] : [`  and ${formatCount(moreGates)} more gates, none of them worse: ${evaluation.key}`]),
  ]
}
