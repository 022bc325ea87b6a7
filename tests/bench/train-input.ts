// What the input of training costs: steps on rows gathered and uploaded each time, beside steps on one batch that stays.
import type { Scalar } from '@tensorflow/tfjs'
import type { Tf } from '../../ml/tf.ts'
import type { EngineWish } from '../../ml/training/engine/choose-engine.ts'
import { type Engine, initialState } from '../../ml/training/engine/engine.ts'
import { epochOrder } from '../../ml/training/input/epoch.ts'
import { disposeFeed, type Feed } from '../../ml/training/input/feed.ts'
import { openFeeder } from '../../ml/training/input/feeder.ts'

export interface InputCost {
  /** of a step on one batch that stays, median of the turns */
  readonly residentMs: number
  /** how much longer a step is that gathers and uploads its rows, median of the differences of neighbouring turns */
  readonly moreMs: number
  /** gathering and uploading without a step */
  readonly inputMs: number
}

/** Steps of a turn at least, whose losses are read together, as in ml/training/loop.ts; at least a whole feed. */
const MIN_STEPS = 20
const MIN_TURNS = 3

/** Both kinds take turns for `seconds` in all, so that a slower minute slows both. */
export async function measureInput(task: EngineWish, engine: Engine, seconds: number): Promise<InputCost> {
  const { tf, train, rows } = task
  engine.load(initialState(task))
  const open = () => openFeeder({ ...task, form: engine.form })
  const [feeder, keptFeeder] = [open(), open()]
  const order = epochOrder(rows.rows, train.seed, 1)
  const steps = Math.max(MIN_STEPS, engine.form.steps)
  const full = Math.floor(rows.rows / train.batch)
  const feedFrom = (step: number) =>
    feeder.next({ step, order, start: (step % full) * train.batch, validationLosses: [] })
  const kept = keptFeeder.next({ step: 0, order, start: 0, validationLosses: [] })
  const lossOf = (feed: Feed, index: number): Scalar => {
    const { loss, norm } = engine.step(feed, index)
    norm?.dispose()
    return loss
  }
  const resident = (): Scalar[] => Array.from({ length: steps }, () => lossOf(kept, 0))
  const gathered = (): Scalar[] => {
    const losses: Scalar[] = []
    while (losses.length < steps) {
      const feed = feedFrom(losses.length)
      for (let i = 0; i < feed.indices.length && losses.length < steps; i++) losses.push(lossOf(feed, i))
      disposeFeed(tf, feed)
    }
    return losses
  }
  const measure = async (take: () => Scalar[]): Promise<number> => {
    const startMs = performance.now()
    const losses = take()
    await Promise.all(losses.map((loss) => loss.data()))
    tf.dispose(losses)
    return (performance.now() - startMs) / steps
  }
  await measure(gathered)
  await measure(resident)
  const times: { gathered: number[]; resident: number[] } = { gathered: [], resident: [] }
  const endMs = performance.now() + 1000 * seconds
  while (times.gathered.length < MIN_TURNS || performance.now() < endMs) {
    times.gathered.push(await measure(gathered))
    times.resident.push(await measure(resident))
  }
  const inputMs = timeOfInput(tf, steps, feedFrom)
  disposeFeed(tf, kept)
  for (const each of [feeder, keptFeeder]) each.dispose()
  const differences = times.gathered.map((ms, i) => ms - times.resident[i]!)
  return { residentMs: median(times.resident), moreMs: median(differences), inputMs }
}

/** Milliseconds for each step. */
function timeOfInput(tf: Tf, least: number, feedFrom: (step: number) => Feed): number {
  const startMs = performance.now()
  let steps = 0
  while (steps < least) {
    const feed = feedFrom(steps)
    steps += feed.indices.length
    disposeFeed(tf, feed)
  }
  return (performance.now() - startMs) / steps
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
