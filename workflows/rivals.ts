// An older candidate beside a newer one: the newer takes its place unless the older is better. Pure.
import type { Judged } from '../schemas/approval.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { LOWER_IS_BETTER, type MetricName } from '../schemas/metrics.ts'

export interface Comparison {
  /** true: the older stays decidable */
  readonly isBetter: boolean
  /** what was compared, e.g. "accuracy 0.98 here, 0.97 there"; '': nothing could be */
  readonly words: string
}

const RANK = { PASS: 2, INCONCLUSIVE: 1, FAIL: 0 } as const

/**
 * By verdict, then by the metric of the pipeline's first gate that both have. Each was judged on the test rows of its own dataset, so
 * that a small difference says little: whoever is asked sees both numbers.
 */
export function compareWithNewer(plan: CarriedPlan, older: Judged, newer: Judged): Comparison {
  if (older.verdict !== newer.verdict) {
    const words = `${older.verdict} here, ${newer.verdict} there`
    return { isBetter: RANK[older.verdict] > RANK[newer.verdict], words }
  }
  const metric = metricOf(plan, older, newer)
  if (metric === undefined) return { isBetter: false, words: '' }
  const [here, there] = [older.metrics[metric]!, newer.metrics[metric]!]
  const isBetter = LOWER_IS_BETTER.has(metric) ? here < there : here > there
  return { isBetter, words: `${metric} ${short(here)} here, ${short(there)} there` }
}

function metricOf(plan: CarriedPlan, older: Judged, newer: Judged): MetricName | undefined {
  const gated = 'gates' in plan ? plan.gates.map(({ metric }) => metric as string) : []
  const all = [...gated, ...Object.keys(older.metrics)] as MetricName[]
  return all.find((name) => older.metrics[name] !== undefined && newer.metrics[name] !== undefined)
}

const short = (value: number): string => String(Number(value.toPrecision(4)))
