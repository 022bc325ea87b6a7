// How far two ways of computing the same are apart.

/** kind of result → values */
export type Results = Readonly<Record<string, ArrayLike<number>>>

export interface Furthest {
  /** the kind that is furthest apart */
  readonly of: string
  /** ‖found − expected‖ / ‖expected‖ over its values; NaN where one of them is */
  readonly distance: number
}

/** What is furthest apart, and how far. */
export function furthest(expected: Results, found: Results): Furthest {
  return Object.keys(expected)
    .map((of) => ({ of, distance: distanceOf(found[of]!, expected[of]!) }))
    .reduce((far, each) => (each.distance > far.distance || Number.isNaN(each.distance) ? each : far))
}

/** For the log. */
export function describeDistance({ of, distance }: Furthest, tolerance: number): string {
  return `${of} differ by ${distance.toExponential(1)} from eager, allowed is ${tolerance}`
}

function distanceOf(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i]! - expected[i]!) ** 2
    norm += expected[i]! ** 2
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm)
}
