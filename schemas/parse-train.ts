// Validation of a plan's train section, as parse.ts does it for the rest.
import { z } from 'zod'
import type { ModelSpec } from './networks.ts'
import type { DecaySpec, LossSpec, OptimizerSpec, TrainSpec } from './plan.ts'

const text = z.string().min(1)
const count = z.int().nonnegative()
const positive = z.int().positive()
const share = z.number().gte(0).lt(1)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')

const model: z.ZodType<ModelSpec> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('mlp'),
    hidden: z.array(positive),
    activation: z.enum(['relu', 'tanh']),
    dropout: share,
    normalize: z.enum(['batch', 'layer']).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('convolutional'),
    image: z.tuple([positive, positive, positive]),
    filters: z.array(positive).min(1),
    kernel: positive,
    pool: positive,
    dense: z.array(positive),
    dropout: share,
    batchNorm: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('recurrent'),
    cell: z.enum(['rnn', 'gru', 'lstm']),
    units: positive,
    layers: positive,
    embedding: positive,
    dropout: share,
  }),
  z.strictObject({
    kind: z.literal('transformer'),
    layers: positive,
    heads: positive,
    width: positive,
    dropout: share,
  }),
  z.strictObject({
    kind: z.literal('textClassifier'),
    embedding: positive,
    pooling: z.enum(['mean', 'attention']),
    hidden: z.array(positive),
    dropout: share,
  }),
  z.strictObject({ kind: z.literal('custom'), file: text, sha256: digest }),
])

const decay: z.ZodType<DecaySpec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cosine'), to: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('step'), steps: positive, factor: z.number().gt(0).lt(1) }),
  z.strictObject({ kind: z.literal('plateau'), patience: positive, factor: z.number().gt(0).lt(1) }),
])

const rates = {
  rate: z.number().positive(),
  warmup: positive.exactOptional(),
  decay: decay.exactOptional(),
  clipNorm: z.number().positive().exactOptional(),
  clipValue: z.number().positive().exactOptional(),
}
const moments = { beta1: share, beta2: share, epsilon: z.number().positive() }

const optimizer: z.ZodType<OptimizerSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sgd'), ...rates, momentum: share, nesterov: z.boolean() }),
  z.strictObject({
    kind: z.literal('rmsprop'),
    ...rates,
    rho: share,
    momentum: share,
    epsilon: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal('adam'), ...rates, ...moments }),
  z.strictObject({ kind: z.literal('adamW'), ...rates, ...moments, weightDecay: z.number().nonnegative() }),
])

const classWeights = z.union([z.array(z.number().nonnegative()), z.literal('balanced')]).exactOptional()

const loss: z.ZodType<LossSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('crossEntropy'), smoothing: share.exactOptional(), classWeights }),
  z.strictObject({ kind: z.literal('focal'), gamma: z.number().gte(1), classWeights }),
  z.strictObject({ kind: z.literal('squared') }),
  z.strictObject({ kind: z.literal('absolute') }),
  z.strictObject({ kind: z.literal('huber'), delta: z.number().positive() }),
])

export const trainSpec: z.ZodType<TrainSpec> = z.strictObject({
  model,
  optimizer,
  loss: loss.exactOptional(),
  weight: text.exactOptional(),
  accumulate: positive.exactOptional(),
  averageWeights: z.number().gt(0).lt(1).exactOptional(),
  gradientLimit: z.number().positive().exactOptional(),
  batch: positive,
  epochs: positive,
  patience: positive.exactOptional(),
  budget: z
    .strictObject({ steps: positive.exactOptional(), minutes: z.number().positive().exactOptional() })
    .exactOptional(),
  from: z.literal('champion').exactOptional(),
  seed: count,
  checkpointEvery: positive,
  device: z.enum(['any', 'cpu', 'gpu']),
  trainer: z
    .strictObject({
      command: z.array(text).min(1),
      folder: text,
      files: z.array(z.strictObject({ path: text, sha256: digest })),
    })
    .exactOptional(),
})
