// Gates: a limit or the champion, and the evidence of some rows → PASS, FAIL or INCONCLUSIVE.
import { deriveSeed } from '../core/random.ts'
import { LOWER_IS_BETTER } from '../schemas/metrics.ts'
import type { GateSpec } from '../schemas/plan.ts'
import type { GateResult, Verdict } from '../schemas/verdict.ts'
import { type Answers, onceEach } from './estimator.ts'
import { compare, type Evidence, measure } from './evidence.ts'
import { type Interval, normalQuantile } from './intervals.ts'
import { estimators } from './metrics.ts'

/** Fewer rows than this decide nothing where the interval is not an exact one. */
const MIN_ROWS = 30
/** a calibration error needs some rows in each of its bins */
const MIN_CALIBRATION_ROWS = 200
/** `rowsNeeded` rows decide with probability 0.95; a little more is asked, since the interval's width is estimated too */
const POWER = 0.98

/** One question to answer: a gate on all rows, or on one slice of them. */
export interface GateCase {
  readonly gate: GateSpec
  readonly candidate: Answers
  /** null: nothing is live yet */
  readonly champion: Answers | null
  /** value of the gate's `within` column */
  readonly slice?: string
}

interface JudgeOptions {
  readonly alpha: number
  readonly seed: number
  /** of a number that is predicted, for people: it decides nothing */
  readonly unit?: string | undefined
}

/**
 * Judges one case at `alpha`, two-sided: the whole interval on the good side of the limit is PASS, on the bad side FAIL,
 * else INCONCLUSIVE with about how many rows would decide. Throws GATE_INVALID for a metric of another task.
 */
export function judgeGate(gateCase: GateCase, options: JudgeOptions): GateResult {
  const { gate, candidate, champion, slice } = gateCase
  const { alpha } = options
  const named = {
    gate,
    name: gateName(gate, slice, options.unit),
    alpha,
    rows: candidate.rows,
    ...(slice === undefined ? {} : { slice }),
  }
  if (gate.gate === 'notWorse' && champion === null) {
    const estimate = 0
    return {
      ...named,
      verdict: 'PASS',
      estimate,
      interval: [0, 0],
      why: 'no champion yet: there is nothing to compare with',
    }
  }
  if (gate.gate === 'notWorse' && sameOutputs(candidate, champion!)) {
    const live = championValue(champion!, gate)
    return {
      ...named,
      verdict: 'PASS',
      estimate: 0,
      interval: [0, 0],
      ...live,
      why: 'answers every row as the champion does',
    }
  }
  const sampling = { rows: candidate.rows, alpha, seed: deriveSeed(options.seed, gateName(gate, slice)) }
  const evidence = candidate.rows === 0 ? NO_EVIDENCE : evidenceFor(gateCase, sampling)
  const limit = limitOf(gate)
  const verdict = decide(gate, evidence, candidate.rows)
  const needed = verdict === 'INCONCLUSIVE' ? rowsNeeded(evidence, limit, gateCase, alpha) : undefined
  return {
    ...named,
    verdict,
    estimate: Number.isFinite(evidence.estimate) ? evidence.estimate : 0,
    interval: evidence.interval,
    ...(gate.gate === 'notWorse' ? championValue(champion!, gate) : {}),
    ...(needed === undefined ? {} : { rowsNeeded: needed }),
    why: explain(gate, evidence, verdict, candidate.rows, needed),
  }
}

const NO_EVIDENCE: Evidence = { estimate: Number.NaN, interval: [-Number.MAX_VALUE, Number.MAX_VALUE] }

function evidenceFor({ gate, candidate, champion }: GateCase, sampling: { rows: number; alpha: number; seed: number }) {
  const estimator = estimators(candidate)(gate.metric)
  if (gate.gate !== 'notWorse') return measure(estimator, sampling)
  return compare(estimator, estimators(champion!)(gate.metric), sampling)
}

/** Which side of which number is good. */
interface Limit {
  readonly value: number
  readonly good: 'above' | 'below'
}

function limitOf(gate: GateSpec): Limit {
  if (gate.gate === 'notWorse') {
    return LOWER_IS_BETTER.has(gate.metric) ? { value: gate.by, good: 'below' } : { value: -gate.by, good: 'above' }
  }
  return { value: gate.value, good: gate.gate === 'atLeast' ? 'above' : 'below' }
}

function decide(gate: GateSpec, evidence: Evidence, rows: number): Verdict {
  if (rows < minRowsOf(gate) || !Number.isFinite(evidence.estimate)) return 'INCONCLUSIVE'
  const { value, good } = limitOf(gate)
  const [low, high] = evidence.interval
  // "worse by less than": a difference may touch neither side, a limit may be met exactly
  const strict = gate.gate === 'notWorse'
  if (good === 'above') {
    if (strict ? low > value : low >= value) return 'PASS'
    return high < value ? 'FAIL' : 'INCONCLUSIVE'
  }
  if (strict ? high < value : high <= value) return 'PASS'
  return low > value ? 'FAIL' : 'INCONCLUSIVE'
}

function minRowsOf({ metric, minRows = 1 }: GateSpec): number {
  if (metric === 'accuracy') return minRows
  return Math.max(minRows, metric === 'calibrationError' ? MIN_CALIBRATION_ROWS : MIN_ROWS)
}

/**
 * Rows with which the interval would leave the limit out with probability 0.95, if the estimate is the truth: widths
 * shrink with the root of the rows, and the estimate itself still varies by its standard error (the interval's half ÷ z).
 */
function rowsNeeded({ estimate, interval }: Evidence, limit: Limit, { gate, candidate }: GateCase, alpha: number) {
  const least = minRowsOf(gate)
  const distance = Math.abs(estimate - limit.value)
  if (!(distance > 0)) return candidate.rows < least ? least : undefined
  const half = estimate < limit.value ? interval[1] - estimate : estimate - interval[0]
  const width = half * (1 + normalQuantile(POWER) / normalQuantile(1 - alpha / 2))
  const needed = Math.ceil(candidate.rows * (width / distance) ** 2)
  return Number.isSafeInteger(needed) ? Math.max(needed, least) : undefined
}

function sameOutputs(candidate: Answers, champion: Answers): boolean {
  return candidate.rows > 0 && candidate.outputs.every((output, i) => output === champion.outputs[i])
}

function championValue(champion: Answers, gate: GateSpec): { champion?: number } {
  if (champion.rows === 0) return {}
  const value = estimators(champion)(gate.metric).value(onceEach(champion.rows))
  return Number.isFinite(value) ? { champion: value } : {}
}

/** Metrics in the unit of a predicted number. */
const IN_UNIT: ReadonlySet<string> = new Set(['rmse', 'mae'])

/** e.g. "accuracy ≥ 0.97", "mae ≤ 40 EUR", "auc not worse than the champion by 0.01 where country = DE". */
export function gateName(gate: GateSpec, slice?: string, unit?: string): string {
  const of = unit !== undefined && IN_UNIT.has(gate.metric) ? ` ${unit}` : ''
  const where = slice === undefined ? '' : ` where ${gate.within} = ${slice}`
  if (gate.gate === 'notWorse') return `${gate.metric} not worse than the champion by ${gate.by}${of}${where}`
  return `${gate.metric} ${gate.gate === 'atLeast' ? '≥' : '≤'} ${gate.value}${of}${where}`
}

function explain(
  gate: GateSpec,
  evidence: Evidence,
  verdict: Verdict,
  rows: number,
  needed: number | undefined,
): string {
  const least = minRowsOf(gate)
  if (rows < least) return `${rows} rows, and at least ${least} are needed to judge`
  if (!Number.isFinite(evidence.estimate)) return `${gate.metric} is not defined for these ${rows} rows`
  const what = gate.gate === 'notWorse' ? `${gate.metric} − champion's` : gate.metric
  const found = `${what} is ${showNumber(evidence.estimate)}, between ${showInterval(evidence.interval)}`
  if (verdict === 'PASS') return `${found}: all of it within the limit`
  if (verdict === 'FAIL') return `${found}: all of it beyond the limit`
  const wish = needed === undefined ? '' : `; about ${needed.toLocaleString('en-US')} rows would decide`
  return `${found}: on both sides of the limit with ${rows.toLocaleString('en-US')} rows${wish}`
}

function showInterval([low, high]: Interval): string {
  return `${showNumber(low)} and ${showNumber(high)}`
}

/** At most four digits that count, for a person. */
export function showNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}
