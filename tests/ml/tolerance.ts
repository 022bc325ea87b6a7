// How far apart two right ways of computing the same in float32 may end: derived from rounding alone, so that it holds on every processor.
//
// Libraries round alike only where they compute alike. They add in another order on a processor with wider vectors, keep or round products
// (FMA), and fuse operations of a graph, each as its build, the instruction sets, the caches and the threads suggest. So equal bits are
// demanded of one way on one machine, against itself, and of our own arithmetic in JavaScript; everything else is held to these bounds.
//
// One operation rounds to nearest: its error is at most u = 2^-24 of its result, and spread evenly it deviates by u / √3. Errors have no
// preferred sign, so those of n operations that follow each other, each one with the errors before it, add up like a random walk to
// √n · u / √3 (Higham & Mary 2019, "A new approach to probabilistic rounding error analysis"). Six standard deviations are exceeded by two
// numbers in 10^9. That is relative to the largest sums on the way: where these cancel, the result is `condition` times smaller.
//
// A test that compares TensorFlow with anything else stands in vitest.config.ts, too, so that it runs as on a smaller processor.
import { furthest } from '../../ml/training/engine/furthest.ts'
import type { OptimizerSpec } from '../../schemas/plan.ts'

/** Unit roundoff of float32. */
const U = 2 ** -24
const DEVIATIONS = 6

/** `chain`: roundings one after the other on the longest way from the inputs to a number. `condition`: by what cancelling magnifies them. */
export function rounding(chain: number, condition = 1): number {
  return DEVIATIONS * Math.sqrt(chain / 3) * U * condition
}

/**
 * Longest chains, counted generously. A sum of k products is one of k, whatever its order; exp, log, tanh and their like are right to 2 units in
 * the last place in all libraries here, 4 u, which counts as 4² roundings.
 */
export const CHAIN = {
  /** one operation, there and back: sums of 64 products at most, then a function */
  operation: 2 * (64 + 16),
  /** a layer, there and back: four steps in time, each of 6 products and three functions */
  layer: 2 * (4 * (6 + 3 * 16)),
  /** a small network, there and back: eight layers or steps in time, each of 24 products and three functions at most, and the loss */
  network: 2 * (8 * (24 + 3 * 16) + 16),
  /** a step of training of three dense layers at most, there and back, summed over a batch of 50 rows */
  step: 2 * (3 * (9 + 16) + 16 + 50),
} as const

/** WGSL lets exp be off by 3 + 2 |x| units in the last place: 35 for |x| ≤ 16, always to one side; twelve in a row. */
export const ON_A_GPU = 12 * 35 * 2 * U

/** By what moving all inputs of a small training by 2^-17 of themselves moves its weights and losses at most; `graph.engine.test.ts` measures it. */
export const TRAINING_CONDITION = 2

/**
 * Of weights and losses after `steps` steps from the same start. Every step rounds anew, and each goes on from the roundings before. And an
 * update by moments is as long as 1 / √(1 − β): one way subtracts in float64, the library in float32, where 1 − β is right to u / (1 − β).
 * By so much all steps are too long or too short, and together they lead no further than the weights are large.
 */
export function trainingTolerance({ steps, optimizer }: { steps: number; optimizer: OptimizerSpec }): number {
  return rounding(steps * CHAIN.step, TRAINING_CONDITION) + stepLengthError(optimizer)
}

function stepLengthError(optimizer: OptimizerSpec): number {
  switch (optimizer.kind) {
    case 'sgd':
      return 0
    case 'rmsprop':
      return U / (1 - optimizer.rho) / 2
    case 'adam':
    case 'adamW':
      return U / (1 - optimizer.beta2) / 2 + U / (1 - optimizer.beta1)
  }
}

/** ‖found − expected‖ / ‖expected‖; NaN where a number is none, and where there are more or fewer. */
export function distanceOf(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  return found.length === expected.length ? furthest({ all: expected }, { all: found }).distance : Number.NaN
}

/** Largest difference, relative to the largest expected number, or to 1 when all are smaller. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.NaN
  let [difference, scale] = [0, 1]
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i]! - expected[i]!))
    scale = Math.max(scale, Math.abs(expected[i]!))
  }
  return difference / scale
}
