// The model of a definition → the plan's form, defaults filled in.
import type { ModelSpec } from '../schemas/plan.ts'
import { fieldsOf, inside, listOf, numberOf, oneOf, type Place } from './check.ts'

export function resolveModel(place: Place, word: unknown): ModelSpec {
  const fields = fieldsOf(place, word, { required: ['kind', 'hidden'], optional: ['activation', 'dropout'] })
  const hiddenAt = inside(place, 'hidden')
  return {
    kind: oneOf(inside(place, 'kind'), fields.kind, ['mlp']),
    hidden: listOf(hiddenAt, fields.hidden).map((units, index) =>
      numberOf(inside(hiddenAt, index), units, { min: 1, max: 65_536, integer: true }),
    ),
    activation: oneOf(inside(place, 'activation'), fields.activation ?? 'relu', ['relu', 'tanh']),
    dropout: numberOf(inside(place, 'dropout'), fields.dropout ?? 0, { min: 0, below: 1 }),
  }
}
