// Makes the answers of an older model comparable with a newer plan's: the same classes in the same order.
import { failure } from '../schemas/failures.ts'
import type { PredictSpec } from '../schemas/plan.ts'

/**
 * outputs [rows × outputs of `from`] → [rows × outputs of `to`]. A class that the model never knew gets probability 0; one that the plan
 * no longer has is left out. Throws MODEL_INVALID when the models answer different questions.
 */
export function alignOutputs(
  outputs: Float32Array,
  { model, from, to }: { model: string; from: PredictSpec; to: PredictSpec },
): Float32Array {
  if (from.task !== to.task || from.column !== to.column) {
    const question = ({ task, column }: PredictSpec): string => `${task} of ${column}`
    throw failure('MODEL_INVALID', { model, expected: `a model of ${question(to)}`, found: question(from) })
  }
  if (from.task !== 'category' || to.task !== 'category') return outputs
  const source = to.classes.map((name) => from.classes.indexOf(name))
  if (from.classes.length === source.length && source.every((index, i) => index === i)) return outputs
  const rows = outputs.length / from.classes.length
  const aligned = new Float32Array(rows * source.length)
  for (let row = 0; row < rows; row++) {
    source.forEach((index, i) => {
      if (index >= 0) aligned[row * source.length + i] = outputs[row * from.classes.length + index]!
    })
  }
  return aligned
}
