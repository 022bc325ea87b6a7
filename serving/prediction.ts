// Model outputs as the answer that a client reads.
import type { PredictSpec } from '../schemas/plan.ts'

export type Prediction =
  /** probability that the flag is true; value: probability ≥ 0.5 */
  | { readonly value: boolean; readonly probability: number }
  /** value: the most probable class, the first of equals */
  | { readonly value: string; readonly probabilities: Readonly<Record<string, number>> }
  /** in the unit of the predicted column */
  | { readonly value: number }

/** One row of outputs → one answer. `outputs`: one probability, one per class, or one value. Pure. */
export function toPrediction(predict: PredictSpec, outputs: ArrayLike<number>): Prediction {
  switch (predict.task) {
    case 'probability': {
      const probability = outputs[0]!
      return { value: probability >= 0.5, probability }
    }
    case 'category': {
      const probabilities = Object.fromEntries(predict.classes.map((name, i) => [name, outputs[i]!]))
      let best = 0
      for (let i = 1; i < predict.classes.length; i++) if (outputs[i]! > outputs[best]!) best = i
      return { value: predict.classes[best]!, probabilities }
    }
    case 'number':
      return { value: outputs[0]! }
  }
}
