// The bootstrap: how much a metric of these rows would have varied over other rows of the same kind.
import type { Random } from '../core/random.ts'
import { seededRandom } from '../core/random.ts'
import type { Weights } from './estimator.ts'
import type { Interval } from './intervals.ts'

const DEFAULT_REPLICATES = 1_000

/**
 * Efron 1979: values of `statistic` over samples of `rows` rows drawn with replacement, ascending. A statistic of the
 * difference of two models on the same rows makes it a paired bootstrap. Samples that leave it undefined (NaN) are left out.
 * The same seed gives the same values. Cost: replicates × rows × (about 5 ns + the statistic's cost per row).
 */
export function bootstrap({
  statistic,
  ...options
}: Drawing & { statistic: (weights: Weights) => number }): Float64Array {
  return bootstrapAll({ ...options, statistics: [statistic] })[0]!
}

export interface Drawing {
  readonly rows: number
  readonly seed: number
  /** default 1,000 */
  readonly replicates?: number
}

/** The same for several statistics of the same samples: each of them as it is alone. */
export function bootstrapAll(
  options: Drawing & { statistics: readonly ((weights: Weights) => number)[] },
): Float64Array[] {
  const { rows, statistics, seed, replicates = DEFAULT_REPLICATES } = options
  const random = seededRandom(seed)
  const weights = new Int32Array(rows)
  const values = statistics.map(() => new Float64Array(replicates))
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawWeights(weights, random)
    statistics.forEach((statistic, s) => {
      values[s]![replicate] = statistic(weights)
    })
  }
  return values.map(ascending)
}

/** Without those that are not defined. */
export function ascending(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort()
}

/** How often each row is drawn in as many draws as there are rows: multinomial, equal chances. */
export function drawWeights(weights: Weights, random: Random): void {
  const rows = weights.length
  weights.fill(0)
  for (let draw = 0; draw < rows; draw++) weights[Math.floor(random() * rows)]!++
}

/** Replicates that leave at least one value in each tail of alpha / 2. */
export function replicatesFor(alpha: number): number {
  return Math.max(DEFAULT_REPLICATES, Math.ceil(2 / alpha))
}

/**
 * Two-sided interval from ascending replicates: percentiles, rounded outwards, joined with the same percentiles mirrored
 * at the estimate ("basic" interval, Davison and Hinkley 1997, 5.2). The mirror covers statistics whose replicates are
 * biased, such as a calibration error, where the percentiles alone may miss the truth on the far side.
 */
export function bootstrapInterval(replicates: Float64Array, estimate: number, alpha: number): Interval {
  const count = replicates.length
  const tail = Math.max(1, Math.floor((alpha / 2) * (count + 1)))
  const low = replicates[tail - 1]!
  const high = upperQuantile(replicates, alpha / 2)
  return [Math.min(low, 2 * estimate - high), Math.max(high, 2 * estimate - low)]
}

/** The value that a share `tail` of ascending replicates exceeds, rounded outwards. */
export function upperQuantile(replicates: Float64Array, tail: number): number {
  return replicates[replicates.length - Math.max(1, Math.floor(tail * (replicates.length + 1)))]!
}
