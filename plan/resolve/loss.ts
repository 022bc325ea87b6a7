// The loss of a definition → the plan's form: only one that fits the task, class weights in class order.
import { type Fields, fieldsOf, inside, numberOf, oneOf, type Place, refuse } from '../../schemas/check.ts'
import type { LossSpec, PredictSpec } from '../../schemas/plan.ts'
import { lossShape } from '../../schemas/train.ts'
import { resolveWord } from './word.ts'

const OF_CLASSES = ['crossEntropy', 'focal'] as const
const OF_NUMBERS = ['squared', 'absolute', 'huber'] as const

/** Throws PIPELINE_INVALID. */
export function resolveLoss(place: Place, word: unknown, predict: PredictSpec): LossSpec {
  const { kinds } = lossShape
  const optional = ['smoothing', 'classWeights', 'gamma', 'delta']
  const given = fieldsOf(place, word, { required: ['kind'], optional })
  const fitting: readonly LossSpec['kind'][] = predict.task === 'number' ? OF_NUMBERS : OF_CLASSES
  const kind = oneOf(inside(place, 'kind'), given.kind, fitting)
  switch (kind) {
    case 'crossEntropy': {
      const spec = resolveWord(place, weighted(place, given, predict), kinds.crossEntropy, { smoothing: 0 })
      const { smoothing, ...plain } = spec
      return smoothing === 0 ? plain : spec
    }
    case 'focal':
      return resolveWord(place, weighted(place, given, predict), kinds.focal, { gamma: 2 })
    case 'huber':
      return resolveWord(place, given, kinds.huber)
    default:
      fieldsOf(place, given, { required: ['kind'] })
      return { kind }
  }
}

/** The word with its class weights in class order: 1 for a class that is not named. */
function weighted(place: Place, { classWeights: word, ...rest }: Fields, predict: PredictSpec): Fields {
  if (word === undefined) return rest
  const at = inside(place, 'classWeights')
  const classes =
    predict.task === 'category' ? predict.classes : predict.task === 'probability' ? ['false', 'true'] : null
  if (classes === null) return refuse(at, 'only where classes are predicted', word)
  if (word === 'balanced') return { ...rest, classWeights: word }
  if (typeof word !== 'object') refuse(at, `'balanced' or weights of the classes, as { '${classes[0]}': 2 }`, word)
  const weights = fieldsOf(at, word, { required: [], optional: classes })
  return { ...rest, classWeights: classes.map((name) => numberOf(inside(at, name), weights[name] ?? 1, { min: 0 })) }
}
