// A definition → the plan: everything checked, defaults filled in, maps turned into lists, fingerprinted.
import { canonicalBytes, digestOf } from '../../core/digest.ts'
import { inside, type Place, refuse } from '../../schemas/check.ts'
import { failure } from '../../schemas/failures.ts'
import { type Plan, planShape } from '../../schemas/plan.ts'
import { isReserved } from '../../schemas/served-paths.ts'
import type { PipelineDefinition } from '../words/define.ts'
import { checkPersonalUses, resolveColumns } from './columns.ts'
import { resolveFeatures } from './features.ts'
import { resolveGates, resolvePredict, resolveSplit } from './judging.ts'
import { checkImage, checkTextModel } from './networks.ts'
import { resolveApproval, resolveTriggers } from './retrain.ts'
import { resolveRules } from './rules.ts'
import { resolveSource } from './source.ts'
import { resolveTrain } from './train.ts'
import { fieldOf, fieldsLike, resolveWord } from './word.ts'

const DEFAULT_ALPHA = 0.05
/** 2,000 columns and a category of 10,000 values are about one of these eight MiB. */
const MAX_PLAN_BYTES = 8 * 1024 * 1024

/**
 * Checks a definition and turns it into a plan. Everything that the types of `definePipeline` refuse is refused here as
 * well, since Node runs TypeScript without looking at types and a definition may come from JSON.
 * Throws PIPELINE_INVALID with the path of the first wrong value.
 */
export function resolvePipeline(definition: PipelineDefinition): Plan {
  const nowhere: Place = { pipeline: nameForErrors(definition), path: '' }
  const { fingerprint: _, ...words } = planShape.fields
  const fields = fieldsLike(nowhere, definition, words, ['rules', 'alpha', 'retrain', 'serve'])
  const at = (key: string) => inside(nowhere, key)
  const name = fieldOf(nowhere, fields, planShape, 'name')
  const columns = resolveColumns(at('columns'), fields.columns)
  const predict = resolvePredict(at('predict'), fields.predict, columns)
  const split = resolveSplit(at('split'), fields.split, columns, predict.column)
  const train = resolveTrain(at('train'), fields.train, { predict, columns })
  const uses = { predict, split: split.column, weight: train.weight }
  const plan: Omit<Plan, 'fingerprint'> = {
    name,
    owner: fieldOf(nowhere, fields, planShape, 'owner'),
    source: resolveSource(at('source'), fields.source),
    columns,
    rules: resolveRules(at('rules'), fields.rules ?? {}, columns),
    features: resolveFeatures(at('features'), fields.features, columns, uses),
    predict,
    split,
    train,
    gates: resolveGates(at('gates'), fields.gates, columns, predict.task),
    alpha: words.alpha.read(at('alpha'), fields.alpha ?? DEFAULT_ALPHA),
    approval: resolveApproval(at('approval'), fields.approval),
    retrain: resolveTriggers(at('retrain'), fields.retrain ?? []),
    serve: resolveServe(at('serve'), fields.serve ?? { path: `/${name}` }),
  }
  checkPersonalUses(nowhere, plan)
  checkImage(nowhere, plan)
  checkTextModel(nowhere, plan)
  checkSize(name, plan)
  return { ...plan, fingerprint: digestOf(plan) }
}

/** Every activity reads the plan, every training is given it, and each of its words is looked at one by one. */
function checkSize(pipeline: string, plan: Omit<Plan, 'fingerprint'>): void {
  const bytes = canonicalBytes(plan).byteLength
  if (bytes <= MAX_PLAN_BYTES) return
  const counted = (count: number) => count.toLocaleString('en-US')
  const parts = Object.entries(plan).map(([word, value]) => [word, canonicalBytes(value).byteLength] as const)
  const [largest, most] = parts.reduce((a, b) => (b[1] > a[1] ? b : a))
  throw failure('PIPELINE_INVALID', {
    pipeline,
    path: 'definition',
    expected: `a plan of at most ${counted(MAX_PLAN_BYTES)} bytes as JSON`,
    found: `${counted(bytes)}, of them ${counted(most)} in ${largest}`,
  })
}

function nameForErrors(definition: unknown): string {
  const name = (definition as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' ? name : 'without a name'
}

function resolveServe(place: Place, word: unknown): Plan['serve'] {
  const serve = resolveWord(place, word, planShape.fields.serve)
  if (isReserved(serve.path)) refuse(inside(place, 'path'), 'a path that the server does not need itself', serve.path)
  return serve
}
