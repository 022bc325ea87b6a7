// Rules, features, the label and the split of a definition → the plan's form, checked against the columns.
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import type { CheckSpec, FeatureSpec, PredictSpec, RuleAction, RuleSpec, SplitSpec } from '../../schemas/plan.ts'
import { entriesOf, fieldsOf, flagOf, inside, listOf, numberOf, oneOf, type Place, refuse, textOf } from './check.ts'
import { checkTextFeatures, resolveTokens } from './text.ts'

type ColumnList = readonly ColumnSpec[]

const ACTIONS = ['warn', 'drop', 'quarantine', 'fail'] as const satisfies readonly RuleAction[]
/** Row accounting counts records that did not decode under this name. */
const RESERVED_RULE = 'decode'
/** Reasons are joined by "; ". */
const RULE_NAME = /^[^;\n]{1,100}$/

/** The column that a word names; it must be of one of these kinds. */
export function columnOf(place: Place, name: unknown, columns: ColumnList, kinds?: readonly ColumnKind[]): ColumnSpec {
  const fitting = columns.filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  const found = fitting.find((column) => column.name === name)
  if (found !== undefined) return found
  const other = columns.find((column) => column.name === name)
  const names = fitting.map((column) => column.name).join(', ') || 'none here'
  const expected = kinds === undefined ? `a column (${names})` : `a column of kind ${kinds.join(' or ')} (${names})`
  return refuse(place, expected, other === undefined ? name : `${other.name}, a column of kind ${other.kind}`)
}

export function resolveRules(place: Place, value: unknown, columns: ColumnList): readonly RuleSpec[] {
  return Object.entries(entriesOf(place, value)).map(([name, word]) => {
    const at = inside(place, name)
    textOf(at, name, RULE_NAME, 'a rule name of 1 to 100 characters without ";"')
    if (name === RESERVED_RULE) refuse(at, 'another name: that one counts records that do not decode', name)
    const fields = fieldsOf(at, word, { required: ['action', 'unless'] })
    const action = oneOf(inside(at, 'action'), fields.action, ACTIONS)
    return { name, action, unless: resolveCheck(inside(at, 'unless'), fields.unless, columns, action) }
  })
}

function resolveCheck(place: Place, word: unknown, columns: ColumnList, action: RuleAction): CheckSpec {
  const check = oneOf(inside(place, 'check'), entriesOf(place, word).check, ['present', 'between', 'oneOf', 'longer'])
  const columnAt = inside(place, 'column')
  switch (check) {
    case 'present': {
      const fields = fieldsOf(place, word, { required: ['check', 'column'], optional: ['mostly'] })
      const { name } = columnOf(columnAt, fields.column, columns)
      if (fields.mostly === undefined) return { check, column: name }
      if (action !== 'fail')
        refuse(inside(place, 'mostly'), 'only in a fail rule: a share is a fact about all rows', action)
      return { check, column: name, mostly: numberOf(inside(place, 'mostly'), fields.mostly, { above: 0, max: 1 }) }
    }
    case 'between': {
      const fields = fieldsOf(place, word, { required: ['check', 'column', 'low', 'high'] })
      const { name } = columnOf(columnAt, fields.column, columns, ['number'])
      const low = numberOf(inside(place, 'low'), fields.low)
      return { check, column: name, low, high: numberOf(inside(place, 'high'), fields.high, { min: low }) }
    }
    case 'oneOf': {
      const fields = fieldsOf(place, word, { required: ['check', 'column', 'values'] })
      const spec = columnOf(columnAt, fields.column, columns, ['category'])
      return { check, column: spec.name, values: knownValues(inside(place, 'values'), fields.values, spec) }
    }
    case 'longer': {
      const fields = fieldsOf(place, word, { required: ['check', 'column', 'bytes'] })
      const { name } = columnOf(columnAt, fields.column, columns, ['text'])
      return { check, column: name, bytes: numberOf(inside(place, 'bytes'), fields.bytes, { min: 0, integer: true }) }
    }
  }
}

function knownValues(place: Place, value: unknown, column: ColumnSpec): readonly string[] {
  const list = listOf(place, value)
  if (list.length === 0) refuse(place, 'at least one value', value)
  const declared = column.kind === 'category' ? column.values : undefined
  return list.map((text, index) =>
    declared === undefined ? textOf(inside(place, index), text) : oneOf(inside(place, index), text, declared),
  )
}

/** Features in the order of the file: the order of the model's inputs. */
export function resolveFeatures(
  place: Place,
  value: unknown,
  columns: ColumnList,
  predict: PredictSpec,
): readonly FeatureSpec[] {
  const features = Object.entries(entriesOf(place, value)).map(([name, word]) => {
    const at = inside(place, name)
    if (name === predict.column && predict.task !== 'next')
      refuse(at, 'a column that the model may see', `${name}, which it predicts`)
    return resolveFeature(at, word, columnOf(at, name, columns, ['number', 'numbers', 'flag', 'category', 'text']))
  })
  if (features.length === 0) refuse(place, 'at least one feature', value)
  checkTextFeatures(place, features, predict)
  return features
}

function resolveFeature(place: Place, word: unknown, whole: ColumnSpec): FeatureSpec {
  const { name: column, ...spec } = whole
  const at = inside(place, 'encode')
  const given = entriesOf(place, word).encode
  switch (spec.kind) {
    case 'number':
      return resolveNumeric(place, word, column)
    case 'numbers':
      oneOf(at, given, ['scale'])
      fieldsOf(place, word, { required: ['encode'] })
      return { column, encode: 'scale' }
    case 'text':
      return resolveTokens(place, word, whole)
    case 'flag':
      oneOf(at, given, ['indicator'])
      fieldsOf(place, word, { required: ['encode'] })
      return { column, encode: 'indicator' }
    default:
      oneOf(at, given, ['oneHot'])
      fieldsOf(place, word, { required: ['encode'] })
      if (spec.kind === 'category' && spec.values === undefined && spec.top === undefined)
        refuse(place, 'a category with values or top, so that its width is known', `column.category() for ${column}`)
      return { column, encode: 'oneHot' }
  }
}

function resolveNumeric(place: Place, word: unknown, column: string): FeatureSpec {
  const encode = oneOf(inside(place, 'encode'), entriesOf(place, word).encode, ['standardize', 'scale'])
  const optional = encode === 'scale' ? ['clip'] : ['log', 'clip']
  const { log, clip } = fieldsOf(place, word, { required: ['encode'], optional })
  const clipped = clip === undefined ? {} : { clip: resolveClip(inside(place, 'clip'), clip) }
  if (encode === 'scale') return { column, encode, ...clipped }
  return { column, encode, log: log === undefined ? false : flagOf(inside(place, 'log'), log), ...clipped }
}

function resolveClip(place: Place, value: unknown): readonly [number, number] {
  const [low, high, ...more] = listOf(place, value)
  if (more.length > 0) refuse(place, 'two quantiles, low and high', value)
  const from = numberOf(inside(place, 0), low, { min: 0, max: 1 })
  return [from, numberOf(inside(place, 1), high, { above: from, max: 1 })]
}

const LABEL_KINDS = { probability: 'flag', number: 'number', next: 'text' } as const

export function resolvePredict(place: Place, word: unknown, columns: ColumnList): PredictSpec {
  const fields = fieldsOf(place, word, { required: ['task', 'column'] })
  const task = oneOf(inside(place, 'task'), fields.task, ['probability', 'category', 'number', 'next'])
  const at = inside(place, 'column')
  if (task !== 'category') {
    return { task, column: columnOf(at, fields.column, columns, [LABEL_KINDS[task]]).name }
  }
  const column = columnOf(at, fields.column, columns, ['category'])
  if (column.kind !== 'category' || column.values === undefined)
    return refuse(at, 'a category with declared values, which become the classes', column.name)
  return { task, column: column.name, classes: column.values }
}

export function resolveSplit(place: Place, word: unknown, columns: ColumnList, label: string): SplitSpec {
  const fields = fieldsOf(place, word, { required: ['by', 'column', 'train', 'validate', 'test'] })
  oneOf(inside(place, 'by'), fields.by, ['hash'])
  const { name: column } = columnOf(inside(place, 'column'), fields.column, columns, ['id', 'category', 'text'])
  if (column === label) refuse(inside(place, 'column'), 'another column than the label', column)
  const [train, validate, test] = (['train', 'validate', 'test'] as const).map((part) =>
    numberOf(inside(place, part), fields[part], { above: 0, below: 1 }),
  ) as [number, number, number]
  const sum = train + validate + test
  if (Math.abs(sum - 1) > 1e-9) refuse(place, 'shares that sum to 1', sum)
  return { by: 'hash', column, train, validate, test }
}
