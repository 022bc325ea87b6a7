// What must not compile: each marked line is an error, or this file does not pass the check of types.
import {
  column,
  definePipeline,
  drop,
  encode,
  fail,
  gate,
  is,
  kafka,
  model,
  optimizer,
  predict,
  quarantine,
  split,
  warn,
  when,
} from '../../../index.ts'

const valid = {
  name: 'churn',
  owner: 'growth',
  source: kafka('customer-days', { format: 'json' }),
  columns: {
    eventId: column.id(),
    day: column.time(),
    plan: column.category(['free', 'team', 'business']),
    country: column.category({ top: 64 }),
    city: column.category(),
    spend: column.number({ unit: 'EUR', min: 0 }),
    refund: column.number(),
    until: column.time(),
    usage: column.numbers({ length: 7, min: 0, max: 24 }),
    notes: column.text({ maxBytes: 1_000 }),
    trial: column.flag(),
    cancelled: column.flag(),
  },
  features: { plan: encode.oneHot(), spend: encode.standardize({ log: true, clip: [0.01, 0.99] }) },
  predict: predict.probability('cancelled'),
  split: split.byHash('eventId', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: { model: model.mlp({ hidden: [8] }), optimizer: optimizer.adam(), batch: 32, epochs: 2, seed: 1 },
  gates: [gate.atLeast('auc', 0.8)],
  approval: { ask: 'growth', remind: '1 day', expire: '7 days' },
} as const

// ── everything that may be said
definePipeline(valid)
definePipeline({
  ...valid,
  rules: {
    'label is known': drop.unless(is.present('cancelled')),
    'spend is plausible': quarantine.unless(is.between('spend', 0, 50_000)),
    'plan is paid': warn.unless(is.oneOf('plan', 'team', 'business')),
    'country is near': warn.unless(is.oneOf('country', 'anything')),
    'notes say something': warn.unless(is.longer('notes', 3)),
    'day is mostly known': fail.unless(is.present('day', { mostly: 0.98 })),
    'a refund is no more': warn.unless(is.atMost('refund', 'spend')),
    'it ends later': quarantine.unless(is.less('day', 'until')),
    'it adds up': warn.unless(is.sum('spend', ['refund'], { within: 0.01 })),
    'spend is never absurd': fail.unless(is.between('spend', 0, 1e9)),
  },
  features: {
    plan: encode.oneHot(),
    country: encode.oneHot(),
    spend: encode.scale({ clip: [0, 0.99] }),
    usage: encode.scale(),
    trial: encode.indicator(),
  },
  gates: [
    gate.notWorse('auc', { by: 0.01, within: 'country', minRows: 2_000 }),
    gate.atMost('calibrationError', 0.1),
    gate.atLeast('recall', 0.5, { within: 'plan' }),
  ],
  alpha: 0.1,
  retrain: [when.cron('0 5 * * MON', 'Europe/Berlin'), when.rows(500_000)],
  serve: { path: '/churn' },
})
definePipeline({
  ...valid,
  predict: predict.category('plan'),
  features: { spend: encode.scale() },
  gates: [gate.atLeast('macroF1', 0.5)],
})
definePipeline({
  ...valid,
  predict: predict.number('spend'),
  features: { plan: encode.oneHot() },
  gates: [gate.atMost('rmse', 9)],
})
definePipeline({
  ...valid,
  features: { notes: encode.words({ vocabulary: 100, length: 8 }) },
  train: { ...valid.train, model: model.textClassifier({ embedding: 8 }) },
})
const text = {
  ...valid,
  predict: predict.next('notes'),
  features: { notes: encode.characters({ alphabet: 96, context: 8 }) },
  train: { ...valid.train, model: model.recurrent({ cell: 'gru', units: 8 }) },
  gates: [gate.atMost('perplexity', 9), gate.notWorse('bitsPerCharacter', { by: 0.1 })],
} as const
definePipeline(text)
definePipeline({ ...valid, train: { ...valid.train, model: model.custom('./model.ts') } })
definePipeline({ ...valid, split: split.byHash('country', { train: 0.8, validate: 0.1, test: 0.1 }) })

// ── rules
const rules = {
  // @ts-expect-error "cancelled" is misspelt
  a: () => definePipeline({ ...valid, rules: { a: drop.unless(is.present('canceled')) } }),
  // @ts-expect-error between needs a number
  b: () => definePipeline({ ...valid, rules: { b: drop.unless(is.between('plan', 0, 1)) } }),
  // @ts-expect-error "gold" is no value of plan
  c: () => definePipeline({ ...valid, rules: { c: drop.unless(is.oneOf('plan', 'gold')) } }),
  // @ts-expect-error oneOf needs a category
  d: () => definePipeline({ ...valid, rules: { d: drop.unless(is.oneOf('spend', '1')) } }),
  // @ts-expect-error longer needs a text
  e: () => definePipeline({ ...valid, rules: { e: drop.unless(is.longer('spend', 1)) } }),
  // @ts-expect-error a number is not compared with a time
  e2: () => definePipeline({ ...valid, rules: { e: drop.unless(is.less('spend', 'day')) } }),
  // @ts-expect-error "refnd" is misspelt
  e3: () => definePipeline({ ...valid, rules: { e: drop.unless(is.sum('spend', ['refnd'], { within: 0 })) } }),
  // @ts-expect-error mostly is for fail rules
  f: () => definePipeline({ ...valid, rules: { f: drop.unless(is.present('day', { mostly: 0.9 })) } }),
  // @ts-expect-error a check alone is no rule
  g: () => definePipeline({ ...valid, rules: { g: is.present('day') } }),
}

// ── networks
const networks = {
  // @ts-expect-error a file beside the pipeline file begins with ./
  a: () => model.custom('model.ts'),
  // @ts-expect-error a file above it is no part of the pipeline
  b: () => model.custom('../model.ts'),
}

// ── features
const features = {
  // @ts-expect-error "spnd" is no column
  a: () => definePipeline({ ...valid, features: { spnd: encode.standardize() } }),
  // @ts-expect-error a numeric encoding on a category
  b: () => definePipeline({ ...valid, features: { plan: encode.standardize() } }),
  // @ts-expect-error a number has no vocabulary
  c: () => definePipeline({ ...valid, features: { spend: encode.oneHot() } }),
  // @ts-expect-error oneHot needs values or top
  d: () => definePipeline({ ...valid, features: { city: encode.oneHot() } }),
  // @ts-expect-error the label is not a feature
  e: () => definePipeline({ ...valid, features: { cancelled: encode.indicator() } }),
  // @ts-expect-error a list has no single mean
  f: () => definePipeline({ ...valid, features: { usage: encode.standardize() } }),
  // @ts-expect-error lists are scaled by their declared bounds
  g: () => definePipeline({ ...valid, features: { usage: encode.scale({ clip: [0, 0.9] }) } }),
  // @ts-expect-error an id says nothing about another row
  h: () => definePipeline({ ...valid, features: { eventId: encode.oneHot() } }),
  // @ts-expect-error a text has no fixed values
  i: () => definePipeline({ ...valid, features: { notes: encode.oneHot() } }),
  // @ts-expect-error a context is for predict.next
  j: () => definePipeline({ ...valid, features: { notes: encode.words({ vocabulary: 100, context: 8 }) } }),
  // @ts-expect-error either a length or a context
  k: () => definePipeline({ ...valid, features: { notes: encode.words({ vocabulary: 100 }) } }),
  // @ts-expect-error words have a vocabulary, characters an alphabet
  l: () => definePipeline({ ...valid, features: { notes: encode.words({ alphabet: 100, length: 8 }) } }),
}

// ── label and split
const shares = { train: 0.8, validate: 0.1, test: 0.1 }
const labels = {
  // @ts-expect-error a probability needs a flag
  a: () => definePipeline({ ...valid, predict: predict.probability('plan') }),
  // @ts-expect-error the classes must be declared
  b: () => definePipeline({ ...valid, predict: predict.category('country'), gates: [] }),
  // @ts-expect-error a flag is no number
  c: () => definePipeline({ ...valid, predict: predict.number('trial'), gates: [] }),
  // @ts-expect-error "cancel" is no column
  d: () => definePipeline({ ...valid, predict: predict.probability('cancel') }),
  // @ts-expect-error a split on a number
  e: () => definePipeline({ ...valid, split: split.byHash('spend', shares) }),
  // @ts-expect-error a split on a flag
  f: () => definePipeline({ ...valid, split: split.byHash('trial', shares) }),
  // @ts-expect-error a share is missing
  g: () => definePipeline({ ...valid, split: split.byHash('eventId', { train: 0.8, validate: 0.2 }) }),
}

// ── gates
const gates = {
  // @ts-expect-error unknown metric
  a: () => definePipeline({ ...valid, gates: [gate.atLeast('acuracy', 0.9)] }),
  // @ts-expect-error a metric of regression
  b: () => definePipeline({ ...valid, gates: [gate.atMost('rmse', 1)] }),
  // @ts-expect-error unknown slice
  c: () => definePipeline({ ...valid, gates: [gate.notWorse('auc', { by: 0.01, within: 'contry' })] }),
  // @ts-expect-error a slice by number
  d: () => definePipeline({ ...valid, gates: [gate.atLeast('auc', 0.8, { within: 'spend' })] }),
  // @ts-expect-error more loss is not better
  e: () => definePipeline({ ...valid, gates: [gate.atLeast('loss', 0.1)] }),
  // @ts-expect-error less accuracy is not better
  f: () => definePipeline({ ...valid, gates: [gate.atMost('accuracy', 0.1)] }),
  // @ts-expect-error by is needed
  g: () => definePipeline({ ...valid, gates: [gate.notWorse('auc', {})] }),
}

// ── next tokens
const next = {
  // @ts-expect-error next tokens of a category
  a: () => definePipeline({ ...text, predict: predict.next('plan') }),
  // @ts-expect-error the text alone
  b: () => definePipeline({ ...text, features: { ...text.features, plan: encode.oneHot() } }),
  // @ts-expect-error windows need a context
  c: () => definePipeline({ ...text, features: { notes: encode.characters({ alphabet: 96, length: 8 }) } }),
  // @ts-expect-error a metric of classes
  d: () => definePipeline({ ...text, gates: [gate.atLeast('accuracy', 0.5)] }),
  // @ts-expect-error each run has a vocabulary of its own: what a token costs cannot be compared
  e: () => definePipeline({ ...text, gates: [gate.notWorse('perplexity', { by: 1 })] }),
}

// ── the rest
const rest = {
  // @ts-expect-error no such unit
  a: () => definePipeline({ ...valid, approval: { ask: 'growth', remind: '1 dya', expire: '7 days' } }),
  // @ts-expect-error "gates" is misspelt
  b: () => definePipeline({ ...valid, gatess: [] }),
  // @ts-expect-error "patience" is misspelt
  c: () => definePipeline({ ...valid, train: { ...valid.train, patiense: 3 } }),
  // @ts-expect-error a layer is a number
  d: () => definePipeline({ ...valid, train: { ...valid.train, model: model.mlp({ hidden: ['8'] }) } }),
  // @ts-expect-error a path begins with /
  e: () => definePipeline({ ...valid, serve: { path: 'churn' } }),
  // @ts-expect-error only JSON is read
  f: () => definePipeline({ ...valid, source: kafka('customer-days', { format: 'xml' }) }),
  // @ts-expect-error no such kind
  g: () => definePipeline({ ...valid, columns: { ...valid.columns, when: { kind: 'date' } } }),
}

export const wrong = { rules, networks, features, labels, gates, next, rest }
