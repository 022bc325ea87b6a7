// The optimizer of a definition → the plan's form, defaults filled in.
import { type Fields, fieldsOf, inside, oneOf, type Place } from '../../schemas/check.ts'
import type { DecaySpec, OptimizerSpec } from '../../schemas/plan.ts'
import { decayShape, optimizerShape } from '../../schemas/train.ts'
import { fieldsLike, filledWord } from './word.ts'

/** Kingma & Ba 2015, Tieleman & Hinton 2012, and the epsilon and weight decay of Keras. */
const DEFAULTS: { readonly [K in OptimizerSpec['kind']]: Partial<Extract<OptimizerSpec, { readonly kind: K }>> } = {
  sgd: { rate: 0.01, momentum: 0, nesterov: false },
  rmsprop: { rate: 1e-3, rho: 0.9, momentum: 0, epsilon: 1e-7 },
  adam: { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  adamW: { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 4e-3 },
}

/** Throws PIPELINE_INVALID. */
export function resolveOptimizer(place: Place, word: unknown): OptimizerSpec {
  const { kind: said, decay, ...own } = word !== null && typeof word === 'object' ? (word as Fields) : {}
  const kind = oneOf(inside(place, 'kind'), said, Object.keys(DEFAULTS) as OptimizerSpec['kind'][])
  const { fields } = optimizerShape.kinds[kind]
  const falling = decay === undefined ? {} : { decay: resolveDecay(inside(place, 'decay'), decay) }
  return optimizerShape.read(place, filledWord(place, { kind, ...own, ...falling }, fields, DEFAULTS[kind]))
}

function resolveDecay(place: Place, word: unknown): DecaySpec {
  const given = fieldsOf(place, word, { required: ['kind'], optional: ['to', 'steps', 'patience', 'factor'] })
  const kind = oneOf(inside(place, 'kind'), given.kind, Object.keys(decayShape.kinds) as DecaySpec['kind'][])
  return decayShape.read(place, fieldsLike(place, word, decayShape.kinds[kind].fields))
}
