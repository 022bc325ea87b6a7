// Features of a definition → the plan's list of features, checked against the columns and the task.
import { entriesOf, type Fields, inside, listOf, numberOf, oneOf, type Place, refuse } from '../../schemas/check.ts'
import { type ColumnSpec, personalOf } from '../../schemas/columns.ts'
import { encodingShape, type FeatureSpec, type PredictSpec } from '../../schemas/plan.ts'
import { columnOf } from './columns.ts'
import { fieldsLike } from './word.ts'

/** kind of column → its encodings */
const ENCODINGS = {
  number: ['standardize', 'robust', 'scale'],
  numbers: ['scale'],
  flag: ['indicator'],
  category: ['oneHot'],
  text: ['words', 'characters'],
} as const

const KINDS = Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[]
/** What `encode.byKind` puts before a kind. */
const EVERY = 'every '

type Encodable = Extract<ColumnSpec, { readonly kind: keyof typeof ENCODINGS }>

/** What else a column may be, so that no feature is made of every column of its kind. */
export interface OtherUses {
  readonly predict: PredictSpec
  /** the split's column */
  readonly split: string
  /** the column of the rows' weights */
  readonly weight?: string | undefined
}

/** Features in the order of the file, the order of the model's inputs; where kinds of columns are named, in the order of the columns. */
export function resolveFeatures(
  place: Place,
  value: unknown,
  columns: readonly ColumnSpec[],
  uses: OtherUses,
): readonly FeatureSpec[] {
  const { predict } = uses
  const features = Object.entries(wordsByColumn(place, value, columns, uses)).map(([name, word]) => {
    const at = inside(place, name)
    if (name === predict.column && predict.task !== 'next')
      refuse(at, 'a column that the model may see', `${name}, which it predicts`)
    return resolveFeature(at, word, columnOf(at, name, columns, KINDS) as Encodable)
  })
  if (features.length === 0) refuse(place, 'at least one feature', value)
  checkTokens(place, features, predict)
  return features
}

/** column → its word: that of its own, else that of its kind. */
function wordsByColumn(place: Place, value: unknown, columns: readonly ColumnSpec[], uses: OtherUses): Fields {
  const given = entriesOf(place, value)
  const ofKinds = Object.entries(given).filter(([key]) => key.startsWith(EVERY))
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith(EVERY)))
  const isNone = (name: string): boolean => (own[name] as { encode?: unknown } | null)?.encode === 'none'
  const none = Object.keys(own).filter(isNone)
  for (const name of none) {
    if (ofKinds.length === 0) refuse(inside(place, name), 'encode.none beside encode.byKind alone', 'encode.none')
    columnOf(inside(place, name), name, columns, KINDS)
  }
  if (ofKinds.length === 0) return own
  const taken = ofKinds.flatMap(([key, word]) => {
    const kind = oneOf(inside(place, key), key.slice(EVERY.length), KINDS)
    const fitting = columns.filter((column) => column.kind === kind && isFree(column, uses))
    if (fitting.length === 0) refuse(inside(place, key), `a column of kind ${kind} that can be a feature`, 'none')
    return fitting.map(({ name }) => [name, word] as const)
  })
  const words: Fields = { ...Object.fromEntries(taken), ...own }
  const places = new Map(columns.map(({ name }, index) => [name, index]))
  const placeOf = (name: string): number => places.get(name) ?? columns.length // of no column: refused by name
  const names = Object.keys(words).filter((name) => !none.includes(name))
  return Object.fromEntries(names.sort((a, b) => placeOf(a) - placeOf(b)).map((name) => [name, words[name]]))
}

/** Can be a feature, and is not used for what a model must not see. */
function isFree(column: ColumnSpec, { predict, split, weight }: OtherUses): boolean {
  if ([predict.column, split, weight].includes(column.name) || personalOf(column) !== undefined) return false
  return column.kind !== 'category' || column.values !== undefined || column.top !== undefined
}

function resolveFeature(place: Place, word: unknown, column: Encodable): FeatureSpec {
  const action = personalOf(column)
  if (action !== undefined) refuse(place, 'a text that is stored as it came', `${column.name}, personal with ${action}`)
  const encode = oneOf(inside(place, 'encode'), entriesOf(place, word).encode, ENCODINGS[column.kind])
  const { column: _, ...fields } = encodingShape.kinds[encode].fields
  const ofList = { encode: fields.encode } // whose bounds are those of its column
  const given = fieldsLike(place, word, column.kind === 'numbers' ? ofList : fields, ['log'])
  if (column.kind === 'category' && column.values === undefined && column.top === undefined)
    refuse(place, 'a category with values or top, so that its width is known', `column.category() for ${column.name}`)
  if (column.kind === 'text' && (given.length === undefined) === (given.context === undefined))
    refuse(place, 'either length or context', given.length === undefined ? 'neither' : 'both')
  if (given.clip !== undefined) checkClip(inside(place, 'clip'), given.clip)
  const log = encode === 'standardize' && given.log === undefined ? { log: false } : {}
  return encodingShape.read(place, { column: column.name, ...given, ...log }) as FeatureSpec
}

function checkClip(place: Place, value: unknown): void {
  const [low, high, ...more] = listOf(place, value)
  if (more.length > 0) refuse(place, 'two quantiles, low and high', value)
  const from = numberOf(inside(place, 0), low, { min: 0, max: 1 })
  numberOf(inside(place, 1), high, { above: from, max: 1 })
}

/** Next-token training has that text in windows and nothing else; every other task has texts of a fixed length. */
function checkTokens(place: Place, features: readonly FeatureSpec[], predict: PredictSpec): void {
  for (const feature of features) {
    const context = 'context' in feature && feature.context !== undefined
    const at = inside(place, feature.column)
    if (predict.task !== 'next') {
      if (context)
        refuse(inside(at, 'context'), `length; a context is for predict.next('${feature.column}')`, 'context')
    } else if (feature.column !== predict.column || !context) {
      const expected = `${predict.column} alone, with encode.words or encode.characters and a context`
      refuse(at, expected, `${feature.column} with encode.${feature.encode}`)
    }
  }
}
