// The optimizer of a definition → the plan's form, defaults filled in.
import type { DecaySpec, OptimizerSpec } from '../../schemas/plan.ts'
import { type Bounds, type Fields, fieldsOf, flagOf, inside, numberOf, oneOf, type Place } from './check.ts'

/** What may be said of every optimizer. */
const SHARED = ['rate', 'warmup', 'decay', 'clipNorm', 'clipValue'] as const
const SHARE: Bounds = { min: 0, below: 1 }
const POSITIVE: Bounds = { above: 0 }

/** Settings of each kind with their defaults: Kingma & Ba 2015, Tieleman & Hinton 2012, and the epsilon and weight decay of Keras. */
const SETTINGS = {
  sgd: { rate: 0.01, momentum: [0, SHARE] },
  rmsprop: { rate: 1e-3, rho: [0.9, SHARE], momentum: [0, SHARE], epsilon: [1e-7, POSITIVE] },
  adam: { rate: 1e-3, beta1: [0.9, SHARE], beta2: [0.999, SHARE], epsilon: [1e-7, POSITIVE] },
  adamW: {
    rate: 1e-3,
    beta1: [0.9, SHARE],
    beta2: [0.999, SHARE],
    epsilon: [1e-7, POSITIVE],
    weightDecay: [4e-3, { min: 0 }],
  },
} as const satisfies Record<OptimizerSpec['kind'], Readonly<Record<string, number | readonly [number, Bounds]>>>

/** Throws PIPELINE_INVALID. */
export function resolveOptimizer(place: Place, word: unknown): OptimizerSpec {
  const kinds = Object.keys(SETTINGS) as OptimizerSpec['kind'][]
  const { kind: said } = word !== null && typeof word === 'object' ? (word as Fields) : {}
  const kind = oneOf(inside(place, 'kind'), said, kinds)
  const { rate, ...own } = SETTINGS[kind]
  const names = [...Object.keys(own), ...(kind === 'sgd' ? ['nesterov'] : [])]
  const fields = fieldsOf(place, word, { required: ['kind'], optional: [...SHARED, ...names] })
  const numberAt = (key: string, fallback: number, bounds: Bounds): number =>
    numberOf(inside(place, key), fields[key] ?? fallback, bounds)
  const settings = Object.entries(own as Readonly<Record<string, readonly [number, Bounds]>>)
  return {
    kind,
    rate: numberAt('rate', rate, POSITIVE),
    ...Object.fromEntries(settings.map(([key, [fallback, bounds]]) => [key, numberAt(key, fallback, bounds)])),
    ...(kind === 'sgd' ? { nesterov: flagOf(inside(place, 'nesterov'), fields.nesterov ?? false) } : {}),
    ...optional(place, fields, 'warmup', { min: 1, integer: true }),
    ...(fields.decay === undefined ? {} : { decay: resolveDecay(inside(place, 'decay'), fields.decay) }),
    ...optional(place, fields, 'clipNorm', POSITIVE),
    ...optional(place, fields, 'clipValue', POSITIVE),
  } as OptimizerSpec
}

function optional(place: Place, fields: Fields, key: string, bounds: Bounds): Readonly<Record<string, number>> {
  return fields[key] === undefined ? {} : { [key]: numberOf(inside(place, key), fields[key], bounds) }
}

function resolveDecay(place: Place, word: unknown): DecaySpec {
  const given = fieldsOf(place, word, { required: ['kind'], optional: ['to', 'steps', 'patience', 'factor'] })
  const kind = oneOf(inside(place, 'kind'), given.kind, ['cosine', 'step', 'plateau'])
  const count: Bounds = { min: 1, integer: true }
  const factor: Bounds = { above: 0, below: 1 }
  if (kind === 'cosine') {
    const { to } = fieldsOf(place, word, { required: ['kind', 'to'] })
    return { kind, to: numberOf(inside(place, 'to'), to, { min: 0 }) }
  }
  const every = kind === 'step' ? 'steps' : 'patience'
  const fields = fieldsOf(place, word, { required: ['kind', every, 'factor'] })
  return {
    kind,
    [every]: numberOf(inside(place, every), fields[every], count),
    factor: numberOf(inside(place, 'factor'), fields.factor, factor),
  } as DecaySpec
}
