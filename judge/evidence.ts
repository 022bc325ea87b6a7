// What rows say about a metric: an estimate and an interval, for one model or for the difference of two on the same rows.
import { bootstrap, bootstrapAll, bootstrapInterval, replicatesFor, upperQuantile } from './bootstrap.ts'
import { differenceOfSums, type Estimator, onceEach } from './estimator.ts'
import { drawsGroups, groupedBootstrap, isForGroups } from './grouped-bootstrap.ts'
import { clopperPearson, type Interval, skewedMeanInterval, tangoInterval, unseenShare } from './intervals.ts'

export interface Evidence {
  /** NaN where the rows do not determine the metric */
  readonly estimate: number
  /** two-sided, finite */
  readonly interval: Interval
}

export interface Sampling {
  readonly rows: number
  /** two-sided */
  readonly alpha: number
  readonly seed: number
}

/**
 * Metric of one model. Accuracy, and precision and recall of a flag, have the exact interval of Clopper and Pearson;
 * the others a bootstrap interval, widened by what the sample may not hold.
 */
export function measure(estimator: Estimator, sampling: Sampling): Evidence {
  const { rows, alpha } = sampling
  const estimate = estimator.value(onceEach(rows))
  const share = estimator.hits === undefined ? estimator.share : ([sum(estimator.hits), rows] as const)
  if (share !== undefined) return { estimate, interval: clopperPearson(share[0], share[1], alpha) }
  return { estimate, interval: sampleInterval(estimator, estimate, sampling) }
}

/** Candidate − champion on the same rows. Accuracy: Tango's score interval; the others: paired bootstrap, widened likewise. */
export function compare(candidate: Estimator, champion: Estimator, sampling: Sampling): Evidence {
  const difference = differenceOf(candidate, champion)
  const estimate = difference.value(onceEach(sampling.rows))
  if (candidate.hits !== undefined && champion.hits !== undefined) {
    const { wins, losses } = discordant(candidate.hits, champion.hits)
    return { estimate, interval: tangoInterval(wins, losses, sampling.rows, sampling.alpha) }
  }
  return { estimate, interval: sampleInterval(difference, estimate, sampling) }
}

function differenceOf(candidate: Estimator, champion: Estimator): Estimator {
  const [low, high] = candidate.range
  const [distance, championDistance] = [candidate.distance, champion.distance]
  const [sums, championSums] = [candidate.sums, champion.sums]
  return {
    value: (weights) => candidate.value(weights) - champion.value(weights),
    range: [Math.max(low - high, -Number.MAX_VALUE), Math.min(high - low, Number.MAX_VALUE)],
    reach: reachOfDifference(candidate.reach, champion.reach),
    ...(distance && championDistance
      ? { distance: { of: (weights) => distance.of(weights) + championDistance.of(weights), side: 'both' } }
      : {}),
    ...(sums && championSums ? { sums: () => differenceOfSums(sums(), championSums()) } : {}),
  }
}

function reachOfDifference(candidate: Estimator['reach'], champion: Estimator['reach']): Estimator['reach'] {
  if (typeof candidate === 'number' || typeof champion === 'number')
    return Math.max(spread(candidate), spread(champion))
  return candidate.map((effect, row) => effect - champion[row]!)
}

/** The union of several intervals: each of them alone is too narrow for some metric on few rows. */
function sampleInterval(estimator: Estimator, estimate: number, sampling: Sampling): Interval {
  if (!Number.isFinite(estimate)) return estimator.range
  const intervals = [unseenInterval(estimator, estimate, sampling), resampledInterval(estimator, estimate, sampling)]
  if (typeof estimator.reach !== 'number') intervals.push(skewInterval(estimator.reach, estimate, sampling))
  return [
    clamp(Math.min(...intervals.map(([low]) => low)), estimator.range),
    clamp(Math.max(...intervals.map(([, high]) => high)), estimator.range),
  ]
}

function resampledInterval(estimator: Estimator, estimate: number, sampling: Sampling): Interval {
  const { distance, range } = estimator
  const { alpha } = sampling
  const [values, distances] = resampled(estimator, sampling)
  if (values!.length === 0) return range
  const [low, high] = bootstrapInterval(values!, estimate, alpha)
  if (distance === undefined) return [low, high]
  const bound = upperQuantile(distances!, alpha / 2)
  return [Math.min(low, estimate - bound), distance.side === 'both' ? Math.max(high, estimate + bound) : high]
}

/** The metric of other samples of the rows, ascending, and where it is given its distance from the sample's. */
function resampled({ value, sums, distance }: Estimator, { rows, alpha, seed }: Sampling): Float64Array[] {
  const drawing = { rows, seed, replicates: replicatesFor(alpha) }
  const grouped = sums !== undefined && isForGroups(rows) ? sums() : null
  if (grouped !== null && drawsGroups(rows, grouped)) return groupedBootstrap({ ...drawing, sums: grouped })
  if (distance === undefined) return [bootstrap({ ...drawing, statistic: value })]
  return bootstrapAll({ ...drawing, statistics: [value, distance.of] })
}

/** Replicates all alike (a model without an error on few rows) prove nothing about rows that were not drawn. */
function unseenInterval(estimator: Estimator, estimate: number, { rows, alpha }: Sampling): Interval {
  const unseen = Math.min(unseenShare(rows, alpha) * spread(estimator.reach), Number.MAX_VALUE)
  return [estimate - unseen, estimate + unseen]
}

function skewInterval(effects: Float64Array, estimate: number, { alpha }: Sampling): Interval {
  const mean = effects.reduce((total, effect) => total + effect, 0) / effects.length
  const [low, high] = skewedMeanInterval(effects, alpha)
  return [estimate + low - mean, estimate + high - mean]
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
