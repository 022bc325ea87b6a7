// What a person typed → a rollback, or the words why not. Pure.
import type { RollbackRequest } from '../schemas/rollback.ts'
import { shown } from '../schemas/shown.ts'
import { asFields, asText, type Read, refuse } from './decision.ts'

const EXAMPLE = '{"to": "…", "reason": "…", "by": "your name"}'

/** Accepts what a hurried person types: an entry's number as a number, the whole object as its text. */
export function readRollback(typed: unknown): Read<RollbackRequest> {
  const fields = asFields(typed)
  if (fields === null) return refuse(`expected one JSON object like ${EXAMPLE}`)
  const reason = asText(fields.reason)
  if (reason === '') return refuse('a rollback needs a reason: add "reason": "…"')
  const to = asName(fields.to)
  if (to === null)
    return refuse(`to: expected the start of a digest or the number of an entry, found ${shown(fields.to)}`)
  const replaces = asName(fields.replaces)
  if (replaces === null) return refuse(`replaces: expected the start of a digest, found ${shown(fields.replaces)}`)
  return {
    ok: true,
    value: {
      ...(to !== '' && { to }),
      ...(replaces !== '' && { replaces }),
      reason,
      by: asText(fields.by) || 'not stated',
    },
  }
}

/** '': not given; null: not a name. */
function asName(typed: unknown): string | null {
  if (typed === undefined || typed === null) return ''
  if (typeof typed === 'number') return String(typed)
  return typeof typed === 'string' ? typed.trim() : null
}
