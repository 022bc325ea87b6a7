// Gates, approval and triggers of a definition → the plan's form, defaults filled in.
import type { ColumnSpec } from '../../schemas/columns.ts'
import {
  type ApprovalSpec,
  type GateSpec,
  LOWER_IS_BETTER,
  type MetricName,
  type PredictSpec,
  type TriggerSpec,
} from '../../schemas/plan.ts'
import { fieldsOf, inside, listOf, numberOf, oneOf, type Place, refuse, textOf } from './check.ts'
import { checkCron } from './cron.ts'
import { columnOf } from './data.ts'
import { durationMs } from './duration.ts'

const DEFAULT_SLICE_ROWS = 100

const METRICS: Readonly<Record<PredictSpec['task'], readonly MetricName[]>> = {
  probability: ['accuracy', 'loss', 'auc', 'macroF1', 'precision', 'recall', 'f1', 'calibrationError'],
  category: ['accuracy', 'loss', 'auc', 'macroF1', 'calibrationError'],
  number: ['loss', 'rmse', 'mae', 'r2'],
  next: ['loss', 'perplexity', 'bitsPerCharacter'],
}

export function resolveGates(
  place: Place,
  value: unknown,
  columns: readonly ColumnSpec[],
  task: PredictSpec['task'],
): readonly GateSpec[] {
  const seen = new Set<string>()
  return listOf(place, value).map((word, index) => {
    const at = inside(place, index)
    const resolved = resolveGate(at, word, columns, task)
    const what = [resolved.gate, resolved.metric, resolved.within].join(' ').trim()
    if (seen.has(what)) refuse(at, 'one gate per metric and slice', `${what} twice`)
    seen.add(what)
    return resolved
  })
}

function resolveGate(place: Place, word: unknown, columns: readonly ColumnSpec[], task: PredictSpec['task']): GateSpec {
  const gates = ['atLeast', 'atMost', 'notWorse'] as const
  const keys = ['gate', 'metric', 'value', 'by', 'within', 'minRows']
  const given = fieldsOf(place, word, { required: ['gate', 'metric'], optional: keys })
  const gate = oneOf(inside(place, 'gate'), given.gate, gates)
  const limit = gate === 'notWorse' ? 'by' : 'value'
  const fields = fieldsOf(place, word, { required: ['gate', 'metric', limit], optional: ['within', 'minRows'] })
  const metric = oneOf(inside(place, 'metric'), fields.metric, METRICS[task])
  if (gate === 'notWorse' && task === 'next' && metric !== 'bitsPerCharacter')
    refuse(
      inside(place, 'metric'),
      'bitsPerCharacter: each run fits a vocabulary of its own, and tokens differ',
      metric,
    )
  const slice = resolveSlice(place, fields.within, fields.minRows, columns)
  if (gate === 'notWorse') return { gate, metric, by: numberOf(inside(place, 'by'), fields.by, { above: 0 }), ...slice }
  if ((gate === 'atMost') !== LOWER_IS_BETTER.has(metric))
    refuse(place, `gate.${gate === 'atMost' ? 'atLeast' : 'atMost'} for ${metric}`, `gate.${gate}`)
  return { gate, metric, value: numberOf(inside(place, 'value'), fields.value), ...slice }
}

function resolveSlice(
  place: Place,
  within: unknown,
  minRows: unknown,
  columns: readonly ColumnSpec[],
): { within?: string; minRows?: number } {
  if (within === undefined) {
    if (minRows !== undefined) refuse(inside(place, 'minRows'), 'only beside within', minRows)
    return {}
  }
  return {
    within: columnOf(inside(place, 'within'), within, columns, ['category']).name,
    minRows: numberOf(inside(place, 'minRows'), minRows ?? DEFAULT_SLICE_ROWS, { min: 1, integer: true }),
  }
}

export function resolveApproval(place: Place, word: unknown): ApprovalSpec {
  const fields = fieldsOf(place, word, { required: ['ask', 'remind', 'expire'] })
  const remindMs = durationMs(inside(place, 'remind'), fields.remind)
  const expireMs = durationMs(inside(place, 'expire'), fields.expire)
  if (expireMs <= remindMs) refuse(inside(place, 'expire'), 'longer than remind', fields.expire)
  return { ask: textOf(inside(place, 'ask'), fields.ask), remindMs, expireMs }
}

export function resolveTriggers(place: Place, value: unknown): readonly TriggerSpec[] {
  return listOf(place, value).map((word, index) => {
    const at = inside(place, index)
    const given = fieldsOf(at, word, { required: ['when'], optional: ['expression', 'timezone', 'rows'] })
    const when = oneOf(inside(at, 'when'), given.when, ['cron', 'rows'])
    if (when === 'rows') {
      const { rows } = fieldsOf(at, word, { required: ['when', 'rows'] })
      return { when, rows: numberOf(inside(at, 'rows'), rows, { min: 1, integer: true }) }
    }
    const fields = fieldsOf(at, word, { required: ['when', 'expression', 'timezone'] })
    return {
      when,
      expression: checkCron(inside(at, 'expression'), fields.expression),
      timezone: timezoneOf(inside(at, 'timezone'), fields.timezone),
    }
  })
}

function timezoneOf(place: Place, value: unknown): string {
  const name = textOf(place, value)
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name
  } catch {
    return refuse(place, "an IANA time zone such as 'Europe/Berlin'", value)
  }
}
