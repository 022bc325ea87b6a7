// A sample's profile → a pipeline that would learn from it: columns, id, label, features, gates; pure.
import { failure, type SluiceFailure } from '../../schemas/failures.ts'
import { listed } from '../../schemas/shown.ts'
import { hasBlank, type ProposedColumn, proposeColumn } from './columns.ts'
import { isIdName, isRowNumberName, labelTests } from './name-hints.ts'
import { columnNames } from './names.ts'
import type { FieldProfile, SampleProfile } from './profile.ts'

export interface Proposal {
  readonly name: string
  readonly topic: string
  /** where the sample came from, for the file's first comment */
  readonly sample: string
  readonly rows: number
  readonly columns: readonly ProposedColumn[]
  /** what no column can hold, with why */
  readonly leftOut: readonly string[]
  /** name of the id column; `made`: no field identifies an event, rows of a file are numbered */
  readonly id: { readonly name: string; readonly made: boolean }
  readonly label: ProposedColumn
  readonly task: 'probability' | 'category' | 'number'
  /** names of the features; of a text the only one */
  readonly features: readonly string[]
  /** share of the most frequent label, where it is a class */
  readonly majority: number | null
}

export interface ProposeOptions {
  readonly name: string
  readonly topic: string
  readonly sample: string
  /** field or column that is to be predicted; default: the one whose name or place says so */
  readonly label?: string | undefined
}

const MAX_CLASSES = 50

/** Throws SAMPLE_UNFIT where nothing can be predicted, or not what `label` names. */
export function proposePipeline(profile: SampleProfile, options: ProposeOptions): Proposal {
  const { rows, fields } = profile
  const refuse = (expected: string, found: string): SluiceFailure =>
    failure('SAMPLE_UNFIT', { sample: options.sample, expected, found })
  if (rows === 0) throw refuse('at least one event', 'none')
  if (fields.length === 0) throw refuse('events that are JSON objects with fields', 'none')
  const names = columnNames(fields.map(({ path }) => path))
  const leftOut: string[] = []
  const columns: ProposedColumn[] = []
  fields.forEach((field, i) => {
    const name = names[i]!
    const why = whyNoPath(field, fields)
    const column = why === null ? proposeColumn(field, name, rows) : null
    if (column === null) leftOut.push(`${field.path.join('.')}: ${why ?? whyNoColumn(field)}`)
    else columns.push(column)
  })
  const label = labelOf(columns, options.label)
  if (label === null) {
    const found = options.label === undefined ? 'none whose name or values say so' : options.label
    throw refuse(
      `--label with one of ${listed(columns.filter(canBeLabel).map(({ name }) => name)) || 'the columns, none of which can be'}`,
      found,
    )
  }
  if (!canBeLabel(label))
    throw refuse('a flag, a number or a category of few values to predict', `${label.name}, ${described(label)}`)
  const asked = asLabel(label)
  const idColumn = idOf(
    columns.filter((column) => column !== label),
    rows,
  )
  const all = columns.map((column) => {
    if (column === label) return asked
    return column === idColumn ? asId(column) : column
  })
  const features = featuresOf(all, asked)
  if (features.length === 0)
    throw refuse('numbers, flags, categories or a text to predict from', `none beside ${asked.name}`)
  const id = idColumn === null ? { name: freeName(all), made: true } : { name: idColumn.name, made: false }
  return {
    name: options.name,
    topic: options.topic,
    sample: options.sample,
    rows,
    columns: all,
    leftOut,
    id,
    label: asked,
    task: asked.kind === 'flag' ? 'probability' : asked.kind === 'category' ? 'category' : 'number',
    features,
    majority: majorityOf(asked),
  }
}

function whyNoPath({ path, present }: FieldProfile, fields: readonly FieldProfile[]): string | null {
  if (path.some((step) => step.includes('.'))) return 'a name with a dot is no path'
  const begins = (long: readonly string[], short: readonly string[]): boolean =>
    long.length > short.length && short.every((step, i) => step === long[i])
  const isBoth = fields.some((other) => {
    return (present > 0 && begins(other.path, path)) || (other.present > 0 && begins(path, other.path))
  })
  return isBoth ? 'an object in some events, something else in others' : null
}

const whyNoColumn = ({ present }: FieldProfile): string =>
  present === 0 ? 'no event of the sample has a value' : 'lists, objects or kinds of values that no column holds'

/** Whose name says that it identifies, else one that counts the rows of a table; every value once, in every event. */
function idOf(columns: readonly ProposedColumn[], rows: number): ProposedColumn | null {
  const different = columns.filter(({ field: { present, integers, texts, distinct } }) => {
    return present === rows && integers + texts === rows && distinct?.size === rows
  })
  return different.find((column) => isCalled(column, isIdName)) ?? different.find(isRowNumber) ?? null
}

const isCalled = ({ name, field }: ProposedColumn, test: (name: string) => boolean): boolean =>
  test(name) || test(field.path.at(-1)!)

const isRowNumber = (column: ProposedColumn): boolean =>
  column.field.integers === column.field.present && isCalled(column, isRowNumberName)

function asId(column: ProposedColumn): ProposedColumn {
  const note = isRowNumber(column)
    ? "counts the rows: another table's would be taken for duplicates"
    : 'different in every row of the sample'
  return { ...column, kind: 'id', options: {}, notes: [note] }
}

function labelOf(columns: readonly ProposedColumn[], asked: string | undefined): ProposedColumn | null {
  if (asked !== undefined) {
    return columns.find(({ name, field }) => name === asked || field.path.join('.') === asked) ?? null
  }
  for (const isLabelName of labelTests) {
    const found = columns.findLast((column) => isLabelName(column.name) && canBeLabel(column))
    if (found !== undefined) return found
  }
  const last = columns.at(-1)
  return last !== undefined && last.kind !== 'number' && canBeLabel(last)
    ? last
    : (columns.find(({ kind }) => kind === 'flag') ?? null)
}

function canBeLabel({ kind, field }: ProposedColumn): boolean {
  if (kind === 'flag' || kind === 'number') return field.present > 0 && (field.distinct?.size ?? 2) >= 2
  const values = field.distinct?.size ?? MAX_CLASSES + 1
  return kind === 'category' && values >= 2 && values <= MAX_CLASSES && !hasBlank(field)
}

/** Few whole numbers are classes; an open category of few values becomes a closed one. */
function asLabel(column: ProposedColumn): ProposedColumn {
  const { kind, field } = column
  const values = [...(field.distinct?.keys() ?? [])].sort()
  const classes =
    field.integers === field.present && values.length <= 10 && field.min >= 0 && field.max <= 20 && kind === 'number'
  if (!classes && (kind !== 'category' || column.values !== undefined)) return column
  const notes = classes
    ? [
        `whole numbers from ${field.min} to ${field.max} are taken as classes; for a number: column.number() and predict.number`,
      ]
    : []
  return { ...column, kind: 'category', options: {}, values, notes }
}

function featuresOf(columns: readonly ProposedColumn[], label: ProposedColumn): string[] {
  const plain = columns.filter((column) => column !== label && isPlainFeature(column))
  if (plain.length > 0) return plain.map(({ name }) => name)
  const texts = columns.filter((column) => column !== label && column.kind === 'text')
  const longest = texts.reduce<ProposedColumn | null>(
    (a, b) => (a === null || b.field.words > a.field.words ? b : a),
    null,
  )
  return longest === null ? [] : [longest.name]
}

/** Differs from row to row, and no text, time, id, or number that only names something: a model would learn rows by heart. */
function isPlainFeature(column: ProposedColumn): boolean {
  const { kind, field } = column
  if (kind === 'number' && (isCalled(column, isIdName) || isRowNumber(column))) return false
  if (kind === 'number' || kind === 'category' || kind === 'flag') return (field.distinct?.size ?? 2) >= 2
  return kind === 'numbers'
}

function majorityOf({ kind, field }: ProposedColumn): number | null {
  if (kind === 'number' || field.distinct === null) return null
  return Math.max(...field.distinct.values()) / field.present
}

function freeName(columns: readonly ProposedColumn[]): string {
  const taken = new Set(columns.map(({ name }) => name))
  return ['id', 'rowId', 'eventId', 'rowNumberId'].find((name) => !taken.has(name)) ?? 'sluiceRowId'
}

const described = ({ kind, field }: ProposedColumn): string =>
  `${kind} of ${field.distinct?.size ?? 'very many'} values`
