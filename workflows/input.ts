// What a workflow is started or signalled with. sluice sends what fits; by hand, in the Temporal UI, anything may come. What does not fit
// must not throw a plain error: Temporal would try such a workflow task again for ever.
import { ApplicationFailure } from '@temporalio/workflow'
import { isFailure } from '../schemas/failures.ts'
import { triggerShape as triggerSpecShape } from '../schemas/plan.ts'
import type { RetrainInput } from '../schemas/run.ts'
import { number, open, type Shape, sha256, text, words } from '../schemas/shape.ts'
import type { Read } from './decision.ts'

const milliseconds = number({ above: 0 })
/** As far as a workflow reads it: stages check the rest. */
const planned = { name: text(), fingerprint: text() }
const planShape = open({ plan: open(planned) })
const triggerShape = open({ plan: open(planned), reason: words('person', 'cron', 'rows'), by: text() })
const questionShape = open({
  plan: open({ ...planned, approval: open({ remindMs: milliseconds, expireMs: milliseconds }) }),
  model: open({ digest: sha256 }),
  evaluation: open({ sha256, verdict: words('PASS', 'FAIL', 'INCONCLUSIVE') }),
})

/** Throws INPUT_INVALID, which ends the workflow. */
export function requirePlan(workflow: string, input: unknown): void {
  requireShape(workflow, planShape, input)
}

/** Throws INPUT_INVALID, which ends the workflow. */
export function requireTrigger(input: unknown): void {
  requireShape('trigger', open({ ...planShape.fields, trigger: triggerSpecShape }), input)
}

/** Throws INPUT_INVALID, which ends the workflow. */
export function requireQuestion(input: unknown): void {
  requireShape('promote', questionShape, input)
}

/** Throws INPUT_INVALID, which ends the workflow. */
export function requireRollback(input: unknown): void {
  requireShape('rollback', open({ pipeline: text() }), input)
}

/** A trigger of this pipeline, or why it is none. */
export function readTrigger({ name }: Pick<RetrainInput['plan'], 'name'>, typed: unknown): Read<RetrainInput> {
  try {
    triggerShape.read({ what: 'trigger', path: '' }, typed)
  } catch (error) {
    if (isFailure(error)) return { ok: false, why: error.message }
    throw error
  }
  const trigger = typed as RetrainInput
  if (trigger.plan.name === name) return { ok: true, value: trigger }
  return { ok: false, why: `trigger, plan.name: expected "${name}", found "${trigger.plan.name}"` }
}

function requireShape(workflow: string, shape: Shape<unknown>, input: unknown): void {
  try {
    shape.read({ what: `${workflow} workflow`, path: '' }, input)
  } catch (error) {
    if (!isFailure(error)) throw error
    const { code, facts, message, next } = error
    throw ApplicationFailure.create({
      message: `${message}. Next: ${next}`,
      type: code,
      nonRetryable: true,
      details: [facts],
    })
  }
}
