// The part of a plan that each stage depends on: what is not in a stage's recipe can change without redoing the stage.
import { digestOf } from '../core/digest.ts'
import { weightSettings } from '../core/weight-settings.ts'
import type { Plan } from '../schemas/plan.ts'

/** Digests of the settings of the versioned stages, by stage. */
export interface Recipe {
  readonly ingest: string
  readonly clean: string
  readonly train: string
  readonly evaluate: string
}

/** Changing a gate redoes evaluation alone; changing the seed redoes training and evaluation, and so on. */
export function recipeOf(plan: Plan): Recipe {
  const { ingest, clean, train, evaluate } = settingsOf(plan)
  return { ingest: digestOf(ingest), clean: digestOf(clean), train: digestOf(train), evaluate: digestOf(evaluate) }
}

/** The settings themselves, by stage. */
export function settingsOf(plan: Plan) {
  const { source, columns, rules, features, predict, split, gates, alpha } = plan
  return {
    ingest: { source, columns },
    clean: { columns, rules, features, predict, split },
    train: { train: weightSettings(plan.train), predict },
    evaluate: { gates, alpha, predict },
  }
}
