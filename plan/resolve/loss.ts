// The loss of a definition → the plan's form: only one that fits the task, class weights in class order.
import type { LossSpec, PredictSpec } from '../../schemas/plan.ts'
import { entriesOf, fieldsOf, inside, numberOf, oneOf, type Place, refuse } from './check.ts'

const OF_CLASSES = ['crossEntropy', 'focal'] as const
const OF_NUMBERS = ['squared', 'absolute', 'huber'] as const

/** Throws PIPELINE_INVALID. */
export function resolveLoss(place: Place, word: unknown, predict: PredictSpec): LossSpec {
  const optional = ['smoothing', 'classWeights', 'gamma', 'delta']
  const given = fieldsOf(place, word, { required: ['kind'], optional })
  const kind = oneOf(
    inside(place, 'kind'),
    given.kind,
    predict.task === 'number' ? OF_NUMBERS : (OF_CLASSES as readonly LossSpec['kind'][]),
  )
  switch (kind) {
    case 'crossEntropy': {
      const fields = fieldsOf(place, word, { required: ['kind'], optional: ['smoothing', 'classWeights'] })
      const smoothing = numberOf(inside(place, 'smoothing'), fields.smoothing ?? 0, { min: 0, below: 1 })
      return { kind, ...(smoothing === 0 ? {} : { smoothing }), ...resolveWeights(place, fields.classWeights, predict) }
    }
    case 'focal': {
      const fields = fieldsOf(place, word, { required: ['kind'], optional: ['gamma', 'classWeights'] })
      const gamma = numberOf(inside(place, 'gamma'), fields.gamma ?? 2, { min: 1 })
      return { kind, gamma, ...resolveWeights(place, fields.classWeights, predict) }
    }
    case 'huber': {
      const { delta } = fieldsOf(place, word, { required: ['kind', 'delta'] })
      return { kind, delta: numberOf(inside(place, 'delta'), delta, { above: 0 }) }
    }
    default:
      fieldsOf(place, word, { required: ['kind'] })
      return { kind }
  }
}

function resolveWeights(
  place: Place,
  word: unknown,
  predict: PredictSpec,
): { classWeights?: readonly number[] | 'balanced' } {
  if (word === undefined) return {}
  const at = inside(place, 'classWeights')
  const classes =
    predict.task === 'category' ? predict.classes : predict.task === 'probability' ? ['false', 'true'] : null
  if (classes === null) return refuse(at, 'only where classes are predicted', word)
  if (word === 'balanced') return { classWeights: 'balanced' }
  if (typeof word !== 'object') refuse(at, `'balanced' or weights of the classes, as { '${classes[0]}': 2 }`, word)
  const weights = entriesOf(at, word)
  fieldsOf(at, word, { required: [], optional: classes })
  return { classWeights: classes.map((name) => numberOf(inside(at, name), weights[name] ?? 1, { min: 0 })) }
}
