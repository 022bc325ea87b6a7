// What the constants of a feature must be before a model is trained with them: inputs that 32-bit floats hold, and that differ where values do.
import { failure, type SluiceFailure } from '../schemas/failures.ts'
import { type Extreme, type Extremes, shownExtremes } from './extremes.ts'
import type { Gathered } from './feature-fit.ts'
import type { NumberStatistics } from './statistics.ts'

/** y = (clip(x, low, high) − offset) × factor */
export interface Constants {
  readonly low: number
  readonly high: number
  readonly offset: number
  readonly factor: number
}

/** What is known of the training values of a feature. */
export interface Seen {
  readonly column: string
  readonly statistics: NumberStatistics
  readonly outermost: Extremes
  /** a value of the feature as it stood in the column */
  readonly rawOf: (value: number) => number
}

/** What a fit keeps and merges of it. */
export function keeping({ statistics, outermost }: Seen) {
  return {
    save: (): Gathered => ({ statistics: statistics.save(), outermost: outermost.save() }),
    merge(saved: Gathered): void {
      if (saved.statistics) statistics.merge(saved.statistics)
      if (saved.outermost) outermost.merge(saved.outermost)
    },
  }
}

/** Throws FEATURE_CONSTANT unless low < high; without any value both are NaN. */
export function requireSpread(column: string, low: number, high: number): void {
  if (low < high) return
  throw failure('FEATURE_CONSTANT', { column, found: Number.isNaN(low) ? 'no value at all' : `only ${low}` })
}

/** 1 / unit. Throws FEATURE_CONSTANT where the unit is too small to divide by, FEATURE_OVERFLOW where it is infinite. */
export function factorOf({ column, outermost }: Seen, unit: number): number {
  const factor = 1 / unit
  if (Number.isFinite(factor) && Number.isFinite(unit)) return factor
  if (unit < 1) throw failure('FEATURE_CONSTANT', { column, found: 'values too close together to be divided by' })
  const found = shownExtremes(sidesOf(outermost)) || 'declared bounds'
  throw failure('FEATURE_OVERFLOW', { column, found: `${found}, whose distance no 64-bit float holds` })
}

/** Throws FEATURE_OVERFLOW when the smallest or largest training value, or what stands for a missing one, is no finite input. */
export function requireFiniteInputs({ column, outermost }: Seen, constants: Constants, fill: number | null): void {
  const beyond = sidesOf(outermost).filter(({ value }) => !Number.isFinite(inputOf(value, constants)))
  if (beyond.length > 0) throw failure('FEATURE_OVERFLOW', { column, found: shownExtremes(beyond) })
  if (fill !== null && !Number.isFinite(inputOf(fill, constants))) {
    throw failure('FEATURE_OVERFLOW', { column, found: `${fill} for a missing value` })
  }
}

/** The smallest and the largest value. */
function sidesOf(outermost: Extremes): Extreme[] {
  return [...outermost.smallest().slice(0, 1), ...outermost.largest().slice(0, 1)]
}

function inputOf(value: number, { low, high, offset, factor }: Constants): number {
  const clipped = value < low ? low : value > high ? high : value
  return Math.fround((clipped - offset) * factor)
}

/** A feature whose values but for a few deviate by less than this as inputs tells a model nothing but which those few are. */
const FLAT = 1e-4
/** the share of rows that may be those few, at each end, falling; or one row */
const SHARES = [0.05, 0.01, 0.001, 0]

/**
 * Throws FEATURE_FLATTENED when a few values lie so far out that all others, which differ, become one and the same input: an outlier of
 * 1e200 makes a deviation beside which nothing else is seen, however exactly it is computed.
 */
export function requireApart(seen: Seen, constants: Constants): void {
  const { statistics } = seen
  const count = statistics.count()
  const few = new Set(SHARES.map((share) => Math.max(1, Math.floor(share * count))))
  let flat: readonly [low: number, high: number] | null = null
  for (const left of [...few].filter((rows) => 2 * rows < count)) {
    const trimmed = statistics.trimmed(left)
    const [low, high] = [Math.max(constants.low, trimmed[0]), Math.min(constants.high, trimmed[1])]
    const { deviation } = statistics.moments(low, high)
    if (deviation * constants.factor >= FLAT) break // with fewer rows left out it is no smaller
    if (deviation > 0) flat = [low, high]
  }
  if (flat !== null) throw flattened(seen, constants, flat)
}

function flattened(
  { column, outermost, rawOf }: Seen,
  constants: Constants,
  [low, high]: readonly [low: number, high: number],
): SluiceFailure {
  const far = [
    ...outermost.smallest().filter(({ value }) => value < low),
    ...outermost.largest().filter(({ value }) => value > high),
  ]
  const inputs = `${inputOf(low, constants)} to ${inputOf(high, constants)}`
  const found = `values from ${rawOf(low)} to ${rawOf(high)} that become ${inputs}, beside ${shownExtremes(far)}`
  return failure('FEATURE_FLATTENED', { column, found })
}
