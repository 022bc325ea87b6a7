// The model of a definition → the plan's form, defaults filled in; whether it can read what the features give.
import { entriesOf, fieldsOf, flagOf, inside, oneOf, type Place, refuse } from '../../schemas/check.ts'
import {
  type ConvolutionalSpec,
  type CustomSpec,
  type MlpSpec,
  type ModelSpec,
  modelShape,
  type TransformerSpec,
} from '../../schemas/networks.ts'
import type { Plan } from '../../schemas/plan.ts'
import { fieldOf, fieldsLike, resolveWord } from './word.ts'

const { kinds } = modelShape

export function resolveModel(place: Place, word: unknown): ModelSpec {
  const kind = oneOf(inside(place, 'kind'), entriesOf(place, word).kind, Object.keys(kinds) as ModelSpec['kind'][])
  switch (kind) {
    case 'mlp':
      return resolveMlp(place, word)
    case 'convolutional':
      return resolveConvolutional(place, word)
    case 'recurrent':
      return resolveWord(place, word, kinds.recurrent, { layers: 1, embedding: 64, dropout: 0 })
    case 'transformer':
      return resolveTransformer(place, word)
    case 'textClassifier':
      return resolveWord(place, word, kinds.textClassifier, { pooling: 'mean', hidden: [], dropout: 0 })
    case 'custom':
      return resolveCustom(place, word)
  }
}

function resolveMlp(place: Place, word: unknown): MlpSpec {
  const optional = ['activation', 'dropout', 'batchNorm', 'layerNorm']
  const { batchNorm, layerNorm, ...fields } = fieldsOf(place, word, { required: ['kind', 'hidden'], optional })
  const batch = flagOf(inside(place, 'batchNorm'), batchNorm ?? false)
  const layer = flagOf(inside(place, 'layerNorm'), layerNorm ?? false)
  if (batch && layer) refuse(inside(place, 'layerNorm'), 'one norm: batchNorm or layerNorm', true)
  const normalize = batch ? { normalize: 'batch' } : layer ? { normalize: 'layer' } : {}
  return resolveWord(place, { ...fields, ...normalize }, kinds.mlp, { activation: 'relu', dropout: 0 })
}

function resolveConvolutional(place: Place, word: unknown): ConvolutionalSpec {
  const defaults = { kernel: 3, pool: 2, dense: [], dropout: 0, batchNorm: false }
  const spec = resolveWord(place, word, kinds.convolutional, defaults)
  const { image, filters, pool } = spec
  const sides = image.slice(0, 2)
  if (filters.reduce((side) => Math.floor(side / pool), Math.min(...sides)) < 1)
    refuse(
      inside(place, 'pool'),
      `pooling that leaves a cell of ${sides.join(' × ')}`,
      `${pool}, ${filters.length} times`,
    )
  return spec
}

function resolveTransformer(place: Place, word: unknown): TransformerSpec {
  const spec = resolveWord(place, word, kinds.transformer, { dropout: 0 })
  const { heads, width } = spec
  if (width % heads !== 0) refuse(inside(place, 'width'), `a multiple of ${heads}, the number of heads`, width)
  return spec
}

/** The registry has turned the path into one from the project's folder and added the digest. */
function resolveCustom(place: Place, word: unknown): CustomSpec {
  const fields = fieldsLike(place, word, kinds.custom.fields, ['sha256'])
  const file = fieldOf(place, fields, kinds.custom, 'file')
  if (fields.sha256 === undefined)
    refuse(inside(place, 'file'), 'a pipeline file that the registry loads, which reads the module', file)
  return kinds.custom.read(place, fields)
}

/** The features' values must be the image, no more and no less. What text features give is for checkTextModel to say. */
export function checkImage(
  place: Place,
  { columns, features, train }: Pick<Plan, 'columns' | 'features' | 'train'>,
): void {
  const { model } = train
  if (model.kind !== 'convolutional') return
  const [height, width, channels] = model.image
  const lengths = features.map(({ column: name }) => {
    const column = columns.find((each) => each.name === name)
    return column?.kind === 'numbers' ? column.length : 1
  })
  const found = lengths.reduce((sum, length) => sum + length, 0)
  const expected = height * width * channels
  if (found === expected) return
  const at = inside(inside(inside(place, 'train'), 'model'), 'image')
  refuse(at, `features of ${height} × ${width} × ${channels} = ${expected} values`, found)
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
