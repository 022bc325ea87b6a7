// Training of a definition → the plan's form, defaults filled in.
import { fieldsOf, inside, type Place, refuse } from '../../schemas/check.ts'
import type { Plan, TrainSpec } from '../../schemas/plan.ts'
import { trainerShape, trainShape } from '../../schemas/train.ts'
import { columnOf } from './columns.ts'
import { resolveLoss } from './loss.ts'
import { resolveModel } from './networks.ts'
import { resolveOptimizer } from './optimizer.ts'
import { fieldsLike, resolveWord } from './word.ts'

const DEFAULT_CHECKPOINT_STEPS = 200

/**
 * What may be left out stands in the plan only where it is said, so that a new word changes no plan without it.
 * Throws PIPELINE_INVALID.
 */
export function resolveTrain(
  place: Place,
  word: unknown,
  { predict, columns }: Pick<Plan, 'predict' | 'columns'>,
): TrainSpec {
  const fields = fieldsLike(place, word, trainShape.fields, ['checkpointEvery', 'device'])
  const { loss, weight, budget, trainer } = fields
  const at = (key: string) => inside(place, key)
  if (weight !== undefined && predict.task === 'next') refuse(at('weight'), 'only where rows are predicted', weight)
  if (budget !== undefined) checkBudget(at('budget'), budget)
  return trainShape.read(place, {
    ...fields,
    model: resolveModel(at('model'), fields.model),
    optimizer: resolveOptimizer(at('optimizer'), fields.optimizer),
    ...(loss === undefined ? {} : { loss: resolveLoss(at('loss'), loss, predict) }),
    ...(weight === undefined ? {} : { weight: columnOf(at('weight'), weight, columns, ['number']).name }),
    ...(trainer === undefined ? {} : { trainer: resolveWord(at('trainer'), trainer, trainerShape) }),
    checkpointEvery: fields.checkpointEvery ?? DEFAULT_CHECKPOINT_STEPS,
    device: fields.device ?? 'any',
  })
}

function checkBudget(place: Place, word: unknown): void {
  const { steps, minutes } = fieldsOf(place, word, { required: [], optional: ['steps', 'minutes'] })
  if (steps === undefined && minutes === undefined) refuse(place, 'steps, minutes or both', word)
}
