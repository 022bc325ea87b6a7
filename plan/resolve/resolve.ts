// A definition → the plan: everything checked, defaults filled in, maps turned into lists, fingerprinted.
import { digestOf } from '../../core/digest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { isReserved } from '../../schemas/served-paths.ts'
import type { PipelineDefinition } from '../words/define.ts'
import { fieldsOf, inside, numberOf, type Place, refuse, textOf } from './check.ts'
import { resolveColumns } from './columns.ts'
import { resolveFeatures, resolvePredict, resolveRules, resolveSplit } from './data.ts'
import { resolveApproval, resolveGates, resolveTriggers } from './model.ts'
import { checkImage } from './network.ts'
import { checkPersonalUses } from './personal.ts'
import { resolveSource } from './source.ts'
import { checkTextModel } from './text.ts'
import { resolveTrain } from './train.ts'

const DEFAULT_ALPHA = 0.05
const NAME = /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const SERVE_PATH = /^(\/[a-z0-9][a-z0-9-]*)+$/

/**
 * Checks a definition and turns it into a plan. Everything that the types of `definePipeline` refuse is refused here as
 * well, since Node runs TypeScript without looking at types and a definition may come from JSON.
 * Throws PIPELINE_INVALID with the path of the first wrong value.
 */
export function resolvePipeline(definition: PipelineDefinition): Plan {
  const nowhere: Place = { pipeline: nameForErrors(definition), path: '' }
  const fields = fieldsOf(nowhere, definition, {
    required: ['name', 'owner', 'source', 'columns', 'features', 'predict', 'split', 'train', 'gates', 'approval'],
    optional: ['rules', 'alpha', 'retrain', 'serve'],
  })
  const at = (key: string) => inside(nowhere, key)
  const name = textOf(at('name'), fields.name, NAME, 'a kebab-case name of at most 63 characters')
  const columns = resolveColumns(at('columns'), fields.columns)
  const predict = resolvePredict(at('predict'), fields.predict, columns)
  const plan: Omit<Plan, 'fingerprint'> = {
    name,
    owner: textOf(at('owner'), fields.owner),
    source: resolveSource(at('source'), fields.source),
    columns,
    rules: resolveRules(at('rules'), fields.rules ?? {}, columns),
    features: resolveFeatures(at('features'), fields.features, columns, predict),
    predict,
    split: resolveSplit(at('split'), fields.split, columns, predict.column),
    train: resolveTrain(at('train'), fields.train, { predict, columns }),
    gates: resolveGates(at('gates'), fields.gates, columns, predict.task),
    alpha: numberOf(at('alpha'), fields.alpha ?? DEFAULT_ALPHA, { above: 0, max: 0.5 }),
    approval: resolveApproval(at('approval'), fields.approval),
    retrain: resolveTriggers(at('retrain'), fields.retrain ?? []),
    serve: { path: resolveServePath(at('serve'), fields.serve ?? { path: `/${name}` }) },
  }
  checkPersonalUses(nowhere, plan)
  checkImage(nowhere, plan)
  checkTextModel(nowhere, plan)
  return { ...plan, fingerprint: fingerprintOf(plan) }
}

/** sha256 of the canonical JSON of the plan without its fingerprint. */
export function fingerprintOf(plan: Omit<Plan, 'fingerprint'> & { readonly fingerprint?: string }): string {
  const { fingerprint: _own, ...rest } = plan
  return digestOf(rest)
}

function nameForErrors(definition: unknown): string {
  const name = (definition as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' ? name : 'without a name'
}

function resolveServePath(place: Place, value: unknown): string {
  const at = inside(place, 'path')
  const path = textOf(at, fieldsOf(place, value, { required: ['path'] }).path, SERVE_PATH, 'a path such as /churn')
  if (isReserved(path)) refuse(at, 'a path that the server does not need itself', path)
  return path
}
