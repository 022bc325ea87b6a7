// What the input of training costs: steps on rows gathered and uploaded each time, beside steps on one batch that stays.
import type { Scalar } from '@tensorflow/tfjs'
import { disposeInputs, openBatches, type StepInputs } from '../../ml/batch.ts'
import { epochOrder, stepsPerEpoch } from '../../ml/batches.ts'
import type { EngineWish } from '../../ml/choose-engine.ts'
import { type Engine, initialState } from '../../ml/engine.ts'

export interface InputCost {
  /** of a step on one batch that stays, median of the blocks */
  readonly residentMs: number
  /** how much longer a step is that gathers and uploads its rows, median of the differences of neighbouring blocks */
  readonly moreMs: number
  /** gathering and uploading without a step */
  readonly inputMs: number
}

/** Steps between two readings of the losses, as in ml/loop.ts. */
const BLOCK = 20
const MIN_BLOCKS = 3

/** Blocks of both kinds take turns for `seconds` in all, so that a slower minute slows both. */
export async function measureInput(task: EngineWish, engine: Engine, seconds: number): Promise<InputCost> {
  const { tf, train, rows } = task
  engine.load(initialState(task))
  const [batches, keptBatches] = [openBatches(task), openBatches(task)]
  const order = epochOrder(rows.rows, train.seed, 1)
  const perEpoch = stepsPerEpoch(rows.rows, train.batch)
  const inputsOf = (step: number) =>
    batches({ step, order, start: (step % perEpoch) * train.batch, validationLosses: [] })
  const kept = keptBatches({ step: 0, order, start: 0, validationLosses: [] })
  const take = ({ batches: of, hyper }: StepInputs): Scalar => engine.step(of, hyper)
  const gathered = (step: number): Scalar => {
    const inputs = inputsOf(step)
    const loss = take(inputs)
    disposeInputs(tf, inputs)
    return loss
  }
  const block = async (stepOf: (step: number) => Scalar): Promise<number> => {
    const startMs = performance.now()
    const losses = Array.from({ length: BLOCK }, (_, step) => stepOf(step))
    await Promise.all(losses.map((loss) => loss.data()))
    tf.dispose(losses)
    return (performance.now() - startMs) / BLOCK
  }
  await block(gathered)
  await block(() => take(kept))
  const times: { gathered: number[]; resident: number[] } = { gathered: [], resident: [] }
  const endMs = performance.now() + 1000 * seconds
  while (times.gathered.length < MIN_BLOCKS || performance.now() < endMs) {
    times.gathered.push(await block(gathered))
    times.resident.push(await block(() => take(kept)))
  }
  const startMs = performance.now()
  for (let step = 0; step < BLOCK; step++) disposeInputs(tf, inputsOf(step))
  const inputMs = (performance.now() - startMs) / BLOCK
  disposeInputs(tf, kept)
  const differences = times.gathered.map((ms, i) => ms - times.resident[i]!)
  return { residentMs: median(times.resident), moreMs: median(differences), inputMs }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
