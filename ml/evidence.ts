// What rows say about a metric: an estimate and an interval, for one model or for the difference of two on the same rows.
import { bootstrap, bootstrapInterval, replicatesFor } from './bootstrap.ts'
import { type Estimator, onceEach } from './estimator.ts'
import { clopperPearson, type Interval, tangoInterval, unseenShare } from './intervals.ts'

export interface Evidence {
  /** NaN where the rows do not determine the metric */
  readonly estimate: number
  /** two-sided, finite */
  readonly interval: Interval
}

interface Sampling {
  readonly rows: number
  readonly alpha: number
  readonly seed: number
}

/**
 * Metric of one model. Accuracy, and precision and recall of a flag, have the exact interval of Clopper and Pearson;
 * the others a bootstrap interval, widened by what the sample may not hold.
 */
export function measure(estimator: Estimator, sampling: Sampling): Evidence {
  const estimate = estimator.value(onceEach(sampling.rows))
  const share = estimator.hits === undefined ? estimator.share : ([sum(estimator.hits), sampling.rows] as const)
  if (share !== undefined) return { estimate, interval: clopperPearson(share[0], share[1], sampling.alpha) }
  return resample({
    ...sampling,
    estimate,
    statistic: estimator.value,
    reach: spread(estimator.reach),
    range: estimator.range,
  })
}

/** Candidate − champion on the same rows. Accuracy: Tango's score interval; the others: paired bootstrap, widened likewise. */
export function compare(candidate: Estimator, champion: Estimator, sampling: Sampling): Evidence {
  const once = onceEach(sampling.rows)
  const estimate = candidate.value(once) - champion.value(once)
  if (candidate.hits !== undefined && champion.hits !== undefined) {
    const { wins, losses } = discordant(candidate.hits, champion.hits)
    return { estimate, interval: tangoInterval(wins, losses, sampling.rows, sampling.alpha) }
  }
  const [low, high] = candidate.range
  return resample({
    ...sampling,
    estimate,
    statistic: (weights) => candidate.value(weights) - champion.value(weights),
    reach: pairedReach(candidate.reach, champion.reach),
    range: [Math.max(low - high, -Number.MAX_VALUE), Math.min(high - low, Number.MAX_VALUE)],
  })
}

function resample(
  options: Sampling & {
    estimate: number
    statistic: Estimator['value']
    reach: number
    range: Interval
  },
): Evidence {
  const { rows, alpha, seed, estimate, statistic, reach, range } = options
  if (!Number.isFinite(estimate)) return { estimate: Number.NaN, interval: range }
  const replicates = bootstrap({ rows, statistic, seed, replicates: replicatesFor(alpha) })
  // replicates all alike (a model without an error on few rows) prove nothing about rows that were not drawn
  const unseen = Math.min(unseenShare(rows, alpha) * reach, Number.MAX_VALUE)
  const [low, high] = bootstrapInterval(replicates, estimate, alpha)
  return {
    estimate,
    interval: [clamp(Math.min(low, estimate - unseen), range), clamp(Math.max(high, estimate + unseen), range)],
  }
}

function clamp(value: number, [low, high]: Interval): number {
  return Math.min(high, Math.max(low, value))
}

/** As bad as the worst row seen: the largest distance of a row's effect from the mean effect. */
function spread(reach: number | Float64Array): number {
  if (typeof reach === 'number') return reach
  const mean = reach.reduce((total, effect) => total + effect, 0) / reach.length
  return reach.reduce((largest, effect) => Math.max(largest, Math.abs(effect - mean)), 0)
}

function pairedReach(candidate: Estimator['reach'], champion: Estimator['reach']): number {
  if (typeof candidate === 'number' || typeof champion === 'number') {
    return Math.max(spread(candidate), spread(champion))
  }
  return spread(candidate.map((effect, row) => effect - champion[row]!))
}

function discordant(candidate: Uint8Array, champion: Uint8Array): { wins: number; losses: number } {
  let wins = 0
  let losses = 0
  for (let row = 0; row < candidate.length; row++) {
    if (candidate[row]! > champion[row]!) wins++
    if (candidate[row]! < champion[row]!) losses++
  }
  return { wins, losses }
}

function sum(values: Uint8Array): number {
  return values.reduce((total, value) => total + value, 0)
}
