// The words about the model itself: which kind of network, and its sizes.
import type { ModelSpec } from '../schemas/plan.ts'

export interface ModelWord {
  readonly kind: 'mlp'
  readonly hidden: readonly number[]
  readonly activation?: ModelSpec['activation']
  readonly dropout?: number
}

export const model = {
  /** Dense layers. `hidden: []` is logistic (or linear) regression; `dropout`: share of hidden units left out per step. */
  mlp: (options: Omit<ModelWord, 'kind'>): ModelWord => ({ kind: 'mlp', ...options }),
}
