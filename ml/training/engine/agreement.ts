// Two engines side by side for a few steps from the seed: do they compute the same?
import { concatenate } from '../../../core/concatenate.ts'
import type { Weight } from '../../network.ts'
import { epochOrder, stepsPerEpoch } from '../input/epoch.ts'
import { disposeFeed } from '../input/feed.ts'
import { openFeeder } from '../input/feeder.ts'
import type { Matrix } from '../input/matrix.ts'
import { type Engine, type EngineOptions, initialState } from './engine.ts'
import { type Furthest, furthest } from './furthest.ts'

/**
 * Largest relative distance (Euclidean, over all values of a kind) that counts as agreement. n roundings that follow each other deviate by
 * √(n / 3) · 2⁻²⁴ (tests/ml/tolerance.ts): 2e-5 for 3 · 10⁵ of them, in three steps of a wide recurrent network; twice that in second moments,
 * which are squares; and 3e-5 where the library forms 1 − β₂ in float32. A step that is 1 % too long gives 1e-3. Found were 1e-7 to 1e-5.
 */
export const TOLERANCE = 1e-4

export interface Agreement extends Furthest {
  readonly agree: boolean
  /** true: no bit differs */
  readonly identical: boolean
}

/**
 * Takes the first two steps of epoch 1 and its last one (the short batch) on both, compares the losses, the weights, the optimizer's slots
 * and the validation loss. It starts from the seed and not from a checkpoint, so that a resumed training comes to the same answer.
 */
export async function compareEngines(
  options: EngineOptions & { readonly rows: Matrix; readonly validation: Matrix },
  expected: Engine,
  found: Engine,
): Promise<Agreement> {
  const [a, b] = [await trial(options, expected), await trial(options, found)]
  const worst = furthest(a, b)
  const identical = Object.keys(a).every((of) => a[of]!.every((value, i) => Object.is(value, b[of]![i])))
  return { ...worst, identical, agree: worst.distance <= TOLERANCE }
}

type Trial = Readonly<Record<string, Float32Array>>

async function trial(
  options: EngineOptions & { readonly rows: Matrix; readonly validation: Matrix },
  engine: Engine,
): Promise<Trial> {
  const { tf, train, rows, validation } = options
  engine.load(initialState(options))
  const feeder = openFeeder({ ...options, form: engine.form })
  const steps = stepsPerEpoch(rows.rows, train.batch)
  const order = epochOrder(rows.rows, train.seed, 1)
  const losses: number[] = []
  const norms: number[] = []
  for (const step of new Set([0, Math.min(1, steps - 1), steps - 1])) {
    const feed = feeder.next({ step, order, start: step * train.batch, validationLosses: [] })
    const { loss, norm } = engine.step(feed, 0)
    losses.push((await loss.data())[0]!)
    if (norm !== null) norms.push((await norm.data())[0]!)
    disposeFeed(tf, feed)
    tf.dispose(norm === null ? loss : [loss, norm])
  }
  feeder.dispose()
  const state = await engine.read()
  return {
    'the losses': Float32Array.from(losses),
    'the norms of the gradients': Float32Array.from(norms),
    'the validation loss': Float32Array.of(await engine.validationLoss(validation)),
    'the weights': joined(state.weights),
    'the averages': joined(state.averages),
    "the optimizer's slots": joined(state.slots.flat()),
  }
}

function joined(weights: readonly Weight[]): Float32Array {
  return concatenate(weights.map(({ values }) => values))
}
