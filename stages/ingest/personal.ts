// Personal data in ingest: which key a source is hashed with, and that nothing is read without it.
import type { PersonalKey } from '../../core/personal-key.ts'
import { personalOf } from '../../schemas/columns.ts'
import { failure } from '../../schemas/failures.ts'
import type { SourceRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { protectPersonal, type Unprotected } from '../../stream/personal.ts'

function hasPersonal({ columns }: Pick<Plan, 'columns'>): boolean {
  return columns.some((column) => personalOf(column) !== undefined)
}

/** The source with the id of its key. Throws PERSONAL_KEY_MISSING. */
export function withPersonalKey(source: SourceRef, plan: Plan, key: PersonalKey | undefined): SourceRef {
  return hasPersonal(plan) ? { ...source, personalKey: requireKey(plan, key).id } : source
}

/** Throws PERSONAL_KEY_CHANGED: hashes of two keys would make one person two. */
export function requireSameKey(source: SourceRef, filledFrom: SourceRef | undefined): void {
  const { topic, personalKey } = source
  if (filledFrom === undefined || filledFrom.personalKey === personalKey) return
  const facts = { topic, expected: filledFrom.personalKey ?? 'none', found: personalKey ?? 'none' }
  throw failure('PERSONAL_KEY_CHANGED', facts)
}

/** Takes a person's data out of decoded rows. Throws PERSONAL_KEY_MISSING. */
export function protectRows<T extends Unprotected>(rows: T, plan: Plan, key: PersonalKey | undefined): T {
  return hasPersonal(plan) ? protectPersonal(rows, plan.columns, requireKey(plan, key)) : rows
}

function requireKey({ name }: Plan, key: PersonalKey | undefined): PersonalKey {
  if (key === undefined) throw failure('PERSONAL_KEY_MISSING', { pipeline: name })
  return key
}
