// Training of a definition → the plan's form, defaults filled in.
import type { Plan, TrainSpec } from '../../schemas/plan.ts'
import { type Fields, fieldsOf, inside, numberOf, oneOf, type Place, refuse } from './check.ts'
import { columnOf } from './data.ts'
import { resolveLoss } from './loss.ts'
import { resolveModel } from './network.ts'
import { resolveOptimizer } from './optimizer.ts'
import { resolveTrainer } from './trainer.ts'

const DEFAULT_CHECKPOINT_STEPS = 200
const OPTIONAL = [
  ...['loss', 'weight', 'accumulate', 'averageWeights', 'gradientLimit', 'patience', 'budget', 'from'],
  ...['checkpointEvery', 'device', 'trainer'],
]

const count = { min: 1, integer: true } as const

/** Throws PIPELINE_INVALID. */
export function resolveTrain(
  place: Place,
  word: unknown,
  { predict, columns }: Pick<Plan, 'predict' | 'columns'>,
): TrainSpec {
  const fields = fieldsOf(place, word, {
    required: ['model', 'optimizer', 'batch', 'epochs', 'seed'],
    optional: [...OPTIONAL],
  })
  return {
    model: resolveModel(inside(place, 'model'), fields.model),
    optimizer: resolveOptimizer(inside(place, 'optimizer'), fields.optimizer),
    ...(fields.loss === undefined ? {} : { loss: resolveLoss(inside(place, 'loss'), fields.loss, predict) }),
    batch: numberOf(inside(place, 'batch'), fields.batch, count),
    epochs: numberOf(inside(place, 'epochs'), fields.epochs, count),
    ...resolveChoices(place, fields, { predict, columns }),
    seed: numberOf(inside(place, 'seed'), fields.seed, { min: 0, max: 2 ** 32 - 1, integer: true }),
    checkpointEvery: numberOf(
      inside(place, 'checkpointEvery'),
      fields.checkpointEvery ?? DEFAULT_CHECKPOINT_STEPS,
      count,
    ),
    device: oneOf(inside(place, 'device'), fields.device ?? 'any', ['any', 'cpu', 'gpu']),
    ...(fields.trainer === undefined ? {} : { trainer: resolveTrainer(inside(place, 'trainer'), fields.trainer) }),
  }
}

/** What may be left out: each stands in the plan only where it is said, so that a new word changes no plan without it. */
function resolveChoices(
  place: Place,
  fields: Fields,
  { predict, columns }: Pick<Plan, 'predict' | 'columns'>,
): Partial<TrainSpec> {
  const { weight, accumulate, averageWeights, gradientLimit, patience, budget, from } = fields
  const at = (key: string) => inside(place, key)
  if (weight !== undefined && predict.task === 'next') refuse(at('weight'), 'only where rows are predicted', weight)
  return {
    ...(weight === undefined ? {} : { weight: columnOf(at('weight'), weight, columns, ['number']).name }),
    ...(accumulate === undefined ? {} : { accumulate: numberOf(at('accumulate'), accumulate, count) }),
    ...(averageWeights === undefined
      ? {}
      : { averageWeights: numberOf(at('averageWeights'), averageWeights, { above: 0, below: 1 }) }),
    ...(gradientLimit === undefined
      ? {}
      : { gradientLimit: numberOf(at('gradientLimit'), gradientLimit, { above: 0 }) }),
    ...(patience === undefined ? {} : { patience: numberOf(at('patience'), patience, count) }),
    ...(budget === undefined ? {} : { budget: resolveBudget(at('budget'), budget) }),
    ...(from === undefined ? {} : { from: oneOf(at('from'), from, ['champion']) }),
  }
}

function resolveBudget(place: Place, word: unknown): NonNullable<TrainSpec['budget']> {
  const { steps, minutes } = fieldsOf(place, word, { required: [], optional: ['steps', 'minutes'] })
  if (steps === undefined && minutes === undefined) refuse(place, 'steps, minutes or both', word)
  return {
    ...(steps === undefined ? {} : { steps: numberOf(inside(place, 'steps'), steps, count) }),
    ...(minutes === undefined ? {} : { minutes: numberOf(inside(place, 'minutes'), minutes, { above: 0 }) }),
  }
}
