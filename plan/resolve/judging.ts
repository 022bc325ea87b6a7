// What a model of a definition answers and how it is judged → the plan's form: label, split and gates, checked against the columns.
import { fieldsOf, flagOf, inside, listOf, oneOf, type Place, refuse } from '../../schemas/check.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { LOWER_IS_BETTER, METRICS } from '../../schemas/metrics.ts'
import {
  type GateSpec,
  gateShape,
  type PredictSpec,
  predictShape,
  type SplitSpec,
  splitShape,
} from '../../schemas/plan.ts'
import { columnOf } from './columns.ts'
import { fieldOf, fieldsLike } from './word.ts'

type Columns = readonly ColumnSpec[]

const DEFAULT_SLICE_ROWS = 100
/** Which class is taken for which is counted for every pair of them, many times over for an interval. Features may have any number of values. */
const MAX_CLASSES = 1_000
const LABEL_KINDS = { probability: 'flag', category: 'category', number: 'number', next: 'text' } as const

export function resolvePredict(place: Place, word: unknown, columns: Columns): PredictSpec {
  const fields = fieldsOf(place, word, { required: ['task', 'column'], optional: ['log'] })
  const tasks = Object.keys(predictShape.kinds) as PredictSpec['task'][]
  const task = oneOf(inside(place, 'task'), fields.task, tasks)
  const at = inside(place, 'column')
  const column = columnOf(at, fields.column, columns, [LABEL_KINDS[task]])
  if (fields.log !== undefined && task !== 'number')
    refuse(inside(place, 'log'), 'only where a number is predicted', fields.log)
  if (task === 'number') {
    const log = fields.log !== undefined && flagOf(inside(place, 'log'), fields.log)
    return { task, column: column.name, ...(log && { log }) }
  }
  if (task !== 'category') return { task, column: column.name }
  if (column.kind !== 'category' || column.values === undefined)
    return refuse(at, 'a category with declared values, which become the classes', column.name)
  if (column.values.length > MAX_CLASSES)
    refuse(
      at,
      `a category of at most ${MAX_CLASSES} values to predict`,
      `${column.name}, which has ${column.values.length}`,
    )
  return { task, column: column.name, classes: column.values }
}

export function resolveSplit(place: Place, word: unknown, columns: Columns, label: string): SplitSpec {
  const fields = fieldsLike(place, word, splitShape.fields)
  fieldOf(place, fields, splitShape, 'by')
  const { name: column } = columnOf(inside(place, 'column'), fields.column, columns, ['id', 'category', 'text'])
  if (column === label) refuse(inside(place, 'column'), 'another column than the label', column)
  const spec = splitShape.read(place, { ...fields, column })
  const sum = spec.train + spec.validate + spec.test
  if (Math.abs(sum - 1) > 1e-9) refuse(place, 'shares that sum to 1', sum)
  return spec
}

export function resolveGates(
  place: Place,
  value: unknown,
  columns: Columns,
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

function resolveGate(place: Place, word: unknown, columns: Columns, task: PredictSpec['task']): GateSpec {
  const optional = ['value', 'by', 'within', 'minRows']
  const given = fieldsOf(place, word, { required: ['gate', 'metric'], optional })
  const gates = Object.keys(gateShape.kinds) as GateSpec['gate'][]
  const gate = oneOf(inside(place, 'gate'), given.gate, gates)
  const fields = fieldsLike(place, word, gateShape.kinds[gate].fields)
  const metric = oneOf(inside(place, 'metric'), fields.metric, METRICS[task])
  if (gate === 'notWorse' && task === 'next' && metric !== 'bitsPerCharacter')
    refuse(
      inside(place, 'metric'),
      'bitsPerCharacter: each run fits a vocabulary of its own, and tokens differ',
      metric,
    )
  const slice = resolveSlice(place, fields.within, fields.minRows, columns)
  if (gate !== 'notWorse' && (gate === 'atMost') !== LOWER_IS_BETTER.has(metric))
    refuse(place, `gate.${gate === 'atMost' ? 'atLeast' : 'atMost'} for ${metric}`, `gate.${gate}`)
  return gateShape.read(place, { ...fields, ...slice })
}

function resolveSlice(place: Place, within: unknown, minRows: unknown, columns: Columns): object {
  if (within !== undefined) {
    const { name } = columnOf(inside(place, 'within'), within, columns, ['category'])
    return { within: name, minRows: minRows ?? DEFAULT_SLICE_ROWS }
  }
  if (minRows !== undefined) refuse(inside(place, 'minRows'), 'only beside within', minRows)
  return {}
}
