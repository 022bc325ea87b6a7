// Model outputs as the answer that a client reads.
import { FIRST_ID } from '../core/tokens.ts'
import type { PredictSpec } from '../schemas/plan.ts'

export type Prediction =
  /** probability that the flag is true; value: probability ≥ 0.5 */
  | { readonly value: boolean; readonly probability: number }
  /** value: the most probable class, the first of equals */
  | { readonly value: string; readonly probabilities: Readonly<Record<string, number>> }
  /** in the unit of the predicted column */
  | { readonly value: number }
  /** value: the most probable next token; next: the most probable ones and their probabilities */
  | { readonly value: string; readonly next: Readonly<Record<string, number>> }

/** Next tokens that an answer lists. */
const LISTED = 10

/**
 * One row of outputs → one answer. `outputs`: one probability, one per class or per token id, or one value; `vocabulary`: of a model that
 * predicts tokens. Pure.
 */
export function toPrediction(
  predict: PredictSpec,
  outputs: ArrayLike<number>,
  vocabulary: readonly string[] = [],
): Prediction {
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
    case 'next': {
      const ranked = vocabulary
        .map((_, i) => i)
        .sort((a, b) => outputs[b + FIRST_ID]! - outputs[a + FIRST_ID]! || a - b)
      const listed = ranked.slice(0, LISTED).map((i) => [vocabulary[i]!, outputs[i + FIRST_ID]!] as const)
      return { value: listed[0]![0], next: Object.fromEntries(listed) }
    }
  }
}
