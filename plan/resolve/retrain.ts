// Approval and triggers of a definition → the plan's form: durations in milliseconds, cron expressions and time zones checked.
import { fieldsOf, inside, listOf, oneOf, type Place, refuse, textOf } from '../../schemas/check.ts'
import { isFailure } from '../../schemas/failures.ts'
import { type ApprovalSpec, approvalShape, type TriggerSpec, triggerShape } from '../../schemas/plan.ts'
import { checkCron, cronFields } from './cron.ts'
import { comesEver } from './cron-comes.ts'
import { fieldsLike } from './word.ts'

const UNIT_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
const DURATION = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?$/

export function resolveApproval(place: Place, word: unknown): ApprovalSpec {
  const { ask, remind, expire } = fieldsOf(place, word, { required: ['ask', 'remind', 'expire'] })
  const remindMs = durationMs(inside(place, 'remind'), remind)
  const expireMs = durationMs(inside(place, 'expire'), expire)
  if (expireMs <= remindMs) refuse(inside(place, 'expire'), 'longer than remind', expire)
  return approvalShape.read(place, { ask, remindMs, expireMs })
}

/** '1 day', '90 minutes' → milliseconds, at least 1, an integer. */
function durationMs(place: Place, value: unknown): number {
  const expected = "a duration such as '1 day' or '30 minutes'"
  const [, amount, unit] = DURATION.exec(textOf(place, value, DURATION, expected)) ?? []
  const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (!Number.isSafeInteger(ms) || ms < 1) refuse(place, `${expected}, in whole milliseconds`, value)
  return ms
}

export function resolveTriggers(place: Place, value: unknown): readonly TriggerSpec[] {
  return listOf(place, value).map((word, index) => {
    const at = inside(place, index)
    const given = fieldsOf(at, word, { required: ['when'], optional: ['expression', 'timezone', 'rows'] })
    const when = oneOf(inside(at, 'when'), given.when, Object.keys(triggerShape.kinds) as TriggerSpec['when'][])
    const fields = fieldsLike(at, word, triggerShape.kinds[when].fields)
    if (when === 'cron') {
      const expression = checkCron(inside(at, 'expression'), fields.expression)
      const timezone = checkTimezone(inside(at, 'timezone'), fields.timezone)
      if (!comesEver(cronFields(expression), timezone))
        refuse(
          inside(at, 'expression'),
          `a time that comes in ${timezone}: its day and month, and both kinds of day, must meet`,
          expression,
        )
    }
    return triggerShape.read(at, fields)
  })
}

/** Each part begins with a capital: offsets and other spellings are known to this process, but not to the server. */
const ZONE = /^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/

function checkTimezone(place: Place, value: unknown): string {
  const name = textOf(place, value, ZONE, "an IANA time zone such as 'Europe/Berlin'")
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
    if (known !== name && known.toLowerCase() === name.toLowerCase()) refuse(place, `'${known}'`, value)
  } catch (error) {
    if (isFailure(error)) throw error
    refuse(place, "an IANA time zone such as 'Europe/Berlin'", value)
  }
  return name
}
