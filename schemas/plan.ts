// A pipeline as data: everything that a workflow sees. Lists, not maps, where order means something.
import { columnShape } from './columns.ts'
import { METRICS } from './metrics.ts'
import {
  byKind,
  flag,
  list,
  number,
  type Of,
  object,
  onlyTrue,
  optional,
  type Shape,
  sha256,
  text,
  tuple,
  words,
} from './shape.ts'
import { trainShape } from './train.ts'

export type { ClassificationMetric, LanguageMetric, MetricName, RegressionMetric } from './metrics.ts'
export type { ModelSpec } from './networks.ts'
export type {
  AdamSpec,
  AdamWSpec,
  DecaySpec,
  LossSpec,
  OptimizerSpec,
  RmspropSpec,
  SgdSpec,
  TrainerSpec,
  TrainSpec,
} from './train.ts'

const count = number({ min: 1, integer: true })
const share = number({ above: 0, below: 1 })
const column = text()

export interface SourceSpec extends Of<typeof sourceShape> {}
export const sourceShape = object({
  /** Kafka's own limits; "." and ".." are not allowed as a whole */
  topic: text(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'a topic name of 1 to 249 letters, digits, ".", "_" and "-"'),
  format: words('json', 'avro', 'protobuf'),
  /**
   * The schema's text, .avsc or .proto. Without a registry it is the one that the records are written with;
   * with a registry (Avro only) it is the reader's schema, to which each writer's schema is resolved.
   */
  schema: optional(text()),
  /** Protobuf: full name of the message; absent: the only one of the schema */
  message: optional(text()),
  /** records begin with a zero byte and the id of a schema of the registry (Confluent's wire format) */
  registry: optional(onlyTrue),
})

/** A fact that a row must satisfy. A missing value fails every check but is judged by `present` alone where `mostly` is set. */
export type CheckSpec = Of<typeof checkShape>
export const checkShape = byKind('check', {
  present: {
    column,
    /** the share of rows, in (0, 1], that must satisfy it; only `fail` rules may set it */
    mostly: optional(number({ above: 0, max: 1 })),
  },
  /** low ≤ value ≤ high */
  between: { column, low: number(), high: number() },
  oneOf: { column, values: list(text(), { min: 1, expected: 'at least one value' }) },
  /** more than `bytes` bytes of UTF-8 */
  longer: { column, bytes: number({ min: 0, integer: true }) },
  /** less than the value of `other`, at most that, or equal to it; both are numbers, or both times */
  compare: { column, relation: words('less', 'atMost', 'equal'), other: column },
  /** |value − sum of the values of `of`| ≤ `within`; all are numbers */
  sum: { column, of: list(column, { min: 1, expected: 'at least one column' }), within: number({ min: 0 }) },
})

/** warn: count. drop: leave out. quarantine: leave out and keep with reasons. fail: stop the run. */
export type RuleAction = RuleSpec['action']
export interface RuleSpec extends Of<typeof ruleShape> {}
export const ruleShape = object({
  /** reasons are joined by "; " */
  name: text(/^[^;\n]{1,100}$/, 'a rule name of 1 to 100 characters without ";"'),
  action: words('warn', 'drop', 'quarantine', 'fail'),
  unless: checkShape,
})

const quantile = number({ min: 0, max: 1 })
const clip = optional(tuple(quantile, ['low', 'high'], 'two quantiles, low and high'))
const size = number({ min: 1, max: 100_000, integer: true })
const span = number({ min: 1, max: 8_192, integer: true })
const tokens = {
  /** the first so many tokens of a text */
  length: optional(span),
  /** windows of so many tokens over the whole text, for next-token training */
  context: optional(span),
}

export const encodingShape = byKind('encode', {
  oneHot: { column },
  /** (x − mean) / standard deviation, fitted on training rows; `log`: log1p first; `clip`: quantiles [low, high] */
  standardize: { column, log: flag, clip },
  /** (x − median) / (third quartile − first), fitted on training rows; `clip`: quantiles [low, high] */
  robust: { column, clip },
  /** (x − low) / (high − low) into [0, 1]: bounds declared by the column, else fitted on training rows */
  scale: { column, clip },
  /** a flag as 0 or 1 */
  indicator: { column },
  /** ids of the most frequent words of training rows */
  words: { column, vocabulary: size, ...tokens },
  /** ids of their most frequent characters */
  characters: { column, alphabet: size, ...tokens },
})

type Encoding = Of<typeof encodingShape>
/** A text as token ids: either so many from its beginning, or windows over the whole of it. */
export type TokensSpec = Extract<Encoding, { readonly encode: 'words' | 'characters' }> &
  ({ readonly length: number; readonly context?: never } | { readonly context: number; readonly length?: never })

export type FeatureSpec = Exclude<Encoding, { readonly encode: TokensSpec['encode'] }> | TokensSpec
const featureShape = encodingShape as Shape<FeatureSpec> // that a text has one of the two is for resolvePipeline to say

export type PredictSpec = Of<typeof predictShape>
export const predictShape = byKind('task', {
  /** binary: the flag is true with this probability */
  probability: { column },
  /** one of the declared values of a category */
  category: { column, classes: list(text(), { min: 2 }) },
  /** a real number; `log`: log1p of it is learnt, for values whose ratios matter */
  number: { column, log: optional(onlyTrue) },
  /** each token of the text from those before it */
  next: { column },
})

/** A row's split is decided by a stable hash of this column alone, so it never moves between runs. */
export interface SplitSpec extends Of<typeof splitShape> {}
export const splitShape = object({
  by: words('hash'),
  column,
  /** shares, each in (0, 1), sum 1 */
  train: share,
  validate: share,
  test: share,
})

export const SPLITS = ['train', 'validate', 'test'] as const
export type SplitName = (typeof SPLITS)[number]

const judged = {
  metric: words(...METRICS.probability, ...METRICS.number, ...METRICS.next),
  /** each value of this category on its own */
  within: optional(column),
  /** of a value, so that it is decided about */
  minRows: optional(count),
}

export type GateSpec = Of<typeof gateShape>
export const gateShape = byKind('gate', {
  atLeast: { ...judged, value: number() },
  atMost: { ...judged, value: number() },
  /** than the champion on the same rows: worse by less than `by` (in units of the metric) */
  notWorse: { ...judged, by: number({ above: 0 }) },
})

/** Of people, as people read it: the Temporal UI takes 20 KB of words about a run. */
const people = text(/^(?=[\s\S]*\S)[\s\S]{1,1000}$/, 'a text that is not empty, of at most 1,000 characters')

export interface ApprovalSpec extends Of<typeof approvalShape> {}
export const approvalShape = object({
  /** who is asked, as the approver reads it */
  ask: people,
  remindMs: count,
  expireMs: count,
})

export type TriggerSpec = Of<typeof triggerShape>
export const triggerShape = byKind('when', {
  /** 5-field cron expression in an IANA time zone */
  cron: { expression: text(), timezone: text() },
  /** this many records wait in the topic beyond the last snapshot */
  rows: { rows: count },
})

export interface Plan extends Of<typeof planShape> {}
export const planShape = object({
  name: text(/^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name of at most 63 characters'),
  owner: people,
  source: sourceShape,
  columns: list(columnShape, { min: 1 }),
  rules: list(ruleShape),
  features: list(featureShape, { min: 1, expected: 'at least one feature' }),
  predict: predictShape,
  split: splitShape,
  train: trainShape,
  gates: list(gateShape),
  /** probability that a gate may pass by chance, shared by all gates of the pipeline */
  alpha: number({ above: 0, max: 0.5 }),
  approval: approvalShape,
  retrain: list(triggerShape),
  serve: object({ path: text(/^(\/[a-z0-9][a-z0-9-]*)+$/, 'a path such as /churn') }),
  /** sha256 of the canonical JSON of everything above */
  fingerprint: sha256,
})
