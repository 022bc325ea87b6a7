// Validation at the edges: JSON from outside (stdin, Temporal's UI, files) → the types of this folder. Never imported by workflows.
import { z } from 'zod'
import type { DecideInput } from './approval.ts'
import type { ColumnSpec } from './columns.ts'
import type { DatasetRef } from './dataset.ts'
import { type FailureCode, failure } from './failures.ts'
import type { BackendName, ModelRef } from './model.ts'
import { trainSpec } from './parse-train.ts'
import type { CheckSpec, FeatureSpec, GateSpec, Plan, PredictSpec, TriggerSpec } from './plan.ts'
import type { TrainerJob } from './trainer.ts'

const text = z.string().min(1)
const count = z.int().nonnegative()
const positive = z.int().positive()
const share = z.number().gt(0).lt(1)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')

// ── the plan

const from = text.exactOptional()

const columnSpec: z.ZodType<ColumnSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ name: text, kind: z.literal('id'), personal: z.literal('hash').exactOptional(), from }),
  z.strictObject({ name: text, kind: z.literal('time'), unit: z.enum(['s', 'ms', 'us', 'ns']).exactOptional(), from }),
  z.strictObject({ name: text, kind: z.literal('flag'), from }),
  z.strictObject({
    name: text,
    kind: z.literal('category'),
    values: z.array(text).min(2).exactOptional(),
    top: positive.exactOptional(),
    from,
  }),
  z.strictObject({
    name: text,
    kind: z.literal('number'),
    unit: text.exactOptional(),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
    missing: z.number().exactOptional(),
    from,
  }),
  z.strictObject({
    name: text,
    kind: z.literal('numbers'),
    length: positive,
    min: z.number(),
    max: z.number(),
    integers: z.boolean(),
    from,
  }),
  z.strictObject({
    name: text,
    kind: z.literal('text'),
    maxBytes: positive,
    personal: z.enum(['hash', 'mask', 'drop']).exactOptional(),
    header: text.exactOptional(),
    from,
  }),
])

const checkSpec: z.ZodType<CheckSpec> = z.discriminatedUnion('check', [
  z.strictObject({ check: z.literal('present'), column: text, mostly: z.number().gt(0).lte(1).exactOptional() }),
  z.strictObject({ check: z.literal('between'), column: text, low: z.number(), high: z.number() }),
  z.strictObject({ check: z.literal('oneOf'), column: text, values: z.array(text).min(1) }),
  z.strictObject({ check: z.literal('longer'), column: text, bytes: count }),
])

const clip = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).exactOptional()

const span = { length: positive.exactOptional(), context: positive.exactOptional() }

const featureSpec = z.discriminatedUnion('encode', [
  z.strictObject({ column: text, encode: z.enum(['oneHot', 'indicator']) }),
  z.strictObject({ column: text, encode: z.literal('standardize'), log: z.boolean(), clip }),
  z.strictObject({ column: text, encode: z.literal('scale'), clip }),
  z.strictObject({ column: text, encode: z.literal('words'), vocabulary: positive, ...span }),
  z.strictObject({ column: text, encode: z.literal('characters'), alphabet: positive, ...span }),
]) as z.ZodType<FeatureSpec> // that a text has either a length or a context is for resolvePipeline to say

const predictSpec: z.ZodType<PredictSpec> = z.discriminatedUnion('task', [
  z.strictObject({ task: z.enum(['probability', 'number', 'next']), column: text }),
  z.strictObject({ task: z.literal('category'), column: text, classes: z.array(text).min(2) }),
])

const metric = z.enum([
  'accuracy',
  'loss',
  'auc',
  'macroF1',
  'precision',
  'recall',
  'f1',
  'calibrationError',
  'rmse',
  'mae',
  'r2',
  'perplexity',
  'bitsPerCharacter',
])
const slice = { metric, within: text.exactOptional(), minRows: positive.exactOptional() }

const gateSpec: z.ZodType<GateSpec> = z.discriminatedUnion('gate', [
  z.strictObject({ gate: z.enum(['atLeast', 'atMost']), value: z.number(), ...slice }),
  z.strictObject({ gate: z.literal('notWorse'), by: z.number().positive(), ...slice }),
])

const triggerSpec: z.ZodType<TriggerSpec> = z.discriminatedUnion('when', [
  z.strictObject({ when: z.literal('cron'), expression: text, timezone: text }),
  z.strictObject({ when: z.literal('rows'), rows: positive }),
])

const plan: z.ZodType<Plan> = z.strictObject({
  name: text,
  owner: text,
  source: z.strictObject({
    topic: text,
    format: z.enum(['json', 'avro', 'protobuf']),
    schema: text.exactOptional(),
    message: text.exactOptional(),
    registry: z.literal(true).exactOptional(),
  }),
  columns: z.array(columnSpec).min(1),
  rules: z.array(
    z.strictObject({ name: text, action: z.enum(['warn', 'drop', 'quarantine', 'fail']), unless: checkSpec }),
  ),
  features: z.array(featureSpec).min(1),
  predict: predictSpec,
  split: z.strictObject({ by: z.literal('hash'), column: text, train: share, validate: share, test: share }),
  train: trainSpec,
  gates: z.array(gateSpec),
  alpha: z.number().gt(0).lte(0.5),
  approval: z.strictObject({ ask: text, remindMs: positive, expireMs: positive }),
  retrain: z.array(triggerSpec),
  serve: z.strictObject({ path: z.string().startsWith('/') }),
  fingerprint: digest,
})

// ── what people and programs send

const decideInput: z.ZodType<DecideInput> = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  candidateDigest: digest,
  reason: z.string().exactOptional(),
  by: z.string().exactOptional(),
})

const objectFields = { key: text, sha256: digest, bytes: count }
const counts = z.record(z.string(), count)
const datasetRef: z.ZodType<DatasetRef> = z.looseObject({
  ...objectFields,
  digest,
  accounting: z.looseObject({
    in: count,
    clean: count,
    rejected: count,
    duplicates: count,
    rejectedBy: counts,
    failures: counts,
    split: z.strictObject({ train: count, validate: count, test: count }),
  }),
})
const modelRef: z.ZodType<ModelRef> = z.looseObject({
  ...objectFields,
  digest,
  pipeline: text,
  dataset: digest,
  validationLoss: z.number(),
  epochs: count,
})
const backend: z.ZodType<BackendName> = z.enum(['tensorflow', 'webgpu', 'wasm', 'cpu'])

const trainerJob: z.ZodType<TrainerJob> = z.discriminatedUnion('job', [
  z.strictObject({
    job: z.literal('train'),
    plan,
    dataset: datasetRef,
    inputs: digest,
    code: text,
    start: z.strictObject({ digest, key: text }).exactOptional(),
    backend: backend.exactOptional(),
  }),
  z.strictObject({
    job: z.literal('evaluate'),
    plan,
    dataset: datasetRef,
    model: modelRef,
    champion: z.strictObject({ digest, key: text }).nullable(),
    backend: backend.exactOptional(),
  }),
])

// ── the functions

/** A plan from JSON. Throws PIPELINE_INVALID; whether the fingerprint fits is for `fingerprintOf` to say. */
export function parsePlan(json: unknown): Plan {
  const name = (json as { name?: unknown } | null | undefined)?.name
  return parse(plan, json, 'PIPELINE_INVALID', { pipeline: typeof name === 'string' ? name : 'without a name' })
}

/** What an approver sent. Throws DECISION_REFUSED with words for that person. */
export function parseDecideInput(json: unknown): DecideInput {
  const result = decideInput.safeParse(json)
  if (result.success) return result.data
  const { path, expected, found } = firstProblem(result.error, json)
  throw failure('DECISION_REFUSED', { detail: `${path}: expected ${expected}, found ${found}` })
}

/** What a trainer reads from stdin. Throws INPUT_INVALID. */
export function parseTrainerJob(json: unknown): TrainerJob {
  return parse(trainerJob, json, 'INPUT_INVALID', { what: 'trainer job' })
}

function parse<T>(schema: z.ZodType<T>, json: unknown, code: FailureCode, facts: Record<string, string>): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  throw failure(code, { ...facts, ...firstProblem(result.error, json) })
}

/** The first problem as path, expected and found. */
function firstProblem(error: z.ZodError, json: unknown): { path: string; expected: string; found: string } {
  const issue = error.issues[0]!
  const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...extra]
  const value = path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], json)
  return { path: path.map(String).join('.') || 'input', expected: expectedBy(issue), found: show(value) }
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${/^[aio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return 'options' in issue ? `one of ${(issue.options as unknown[]).map(String).join(', ')}` : 'another value'
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
    case 'unrecognized_keys':
      return 'no field of that name'
    default:
      return issue.message.replace(/^expected /, '')
  }
}

function show(value: unknown): string {
  const json = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value)
  return json.length > 60 ? `${json.slice(0, 57)}...` : json
}
