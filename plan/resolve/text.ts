// Text features of a definition → the plan's form: a vocabulary, and a length or a context.
import { type ColumnSpec, personalOf } from '../../schemas/columns.ts'
import type { FeatureSpec, Plan, PredictSpec, TokensSpec } from '../../schemas/plan.ts'
import { entriesOf, fieldsOf, inside, numberOf, oneOf, type Place, refuse } from './check.ts'

const MAX_VOCABULARY = 100_000
const MAX_SPAN = 8_192

export function resolveTokens(place: Place, word: unknown, spec: ColumnSpec): TokensSpec {
  const action = personalOf(spec)
  if (action !== undefined) refuse(place, 'a text that is stored as it came', `${spec.name}, personal with ${action}`)
  const encode = oneOf(inside(place, 'encode'), entriesOf(place, word).encode, ['words', 'characters'])
  const size = encode === 'words' ? 'vocabulary' : 'alphabet'
  const fields = fieldsOf(place, word, { required: ['encode', size], optional: ['length', 'context'] })
  const tokens = numberOf(inside(place, size), fields[size], { min: 1, max: MAX_VOCABULARY, integer: true })
  if ((fields.length === undefined) === (fields.context === undefined))
    refuse(place, 'either length or context', fields.length === undefined ? 'neither' : 'both')
  const key = fields.length === undefined ? 'context' : 'length'
  const span = { [key]: numberOf(inside(place, key), fields[key], { min: 1, max: MAX_SPAN, integer: true }) }
  return { column: spec.name, encode, [size]: tokens, ...span } as unknown as TokensSpec
}

/** Next-token training has that text in windows and nothing else; every other task has texts of a fixed length. */
export function checkTextFeatures(place: Place, features: readonly FeatureSpec[], predict: PredictSpec): void {
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

const NEXT_MODELS = ['recurrent', 'transformer', 'custom']

/** Which models read tokens, and which answer for every one of them. */
export function checkTextModel(
  place: Place,
  { features, predict, train }: Pick<Plan, 'features' | 'predict' | 'train'>,
) {
  const { kind } = train.model
  const trainAt = inside(place, 'train')
  const at = inside(inside(trainAt, 'model'), 'kind')
  const tokens = features.filter(({ encode }) => encode === 'words' || encode === 'characters')
  if (tokens.length > 0 && train.from !== undefined)
    refuse(
      inside(trainAt, 'from'),
      'no weights of another run: its vocabulary gave its ids another meaning',
      train.from,
    )
  if (kind === 'custom') return
  if ((predict.task === 'next') !== NEXT_MODELS.includes(kind)) {
    const expected =
      predict.task === 'next'
        ? `one of ${NEXT_MODELS.join(', ')} for predict.next`
        : 'another model; this one is for predict.next'
    refuse(at, expected, kind)
  }
  if (kind === 'textClassifier' && (tokens.length !== 1 || features.length !== 1))
    refuse(
      inside(place, 'features'),
      'one text with encode.words or encode.characters, and nothing else',
      features.map(({ column }) => column),
    )
  if (tokens.length > 0 && kind !== 'textClassifier' && predict.task !== 'next')
    refuse(at, `textClassifier or custom, which read token ids (feature ${tokens[0]!.column})`, kind)
}
