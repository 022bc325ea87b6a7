// The model of a definition → the plan's form, defaults filled in.
import type {
  ConvolutionalSpec,
  CustomSpec,
  MlpSpec,
  ModelSpec,
  RecurrentSpec,
  TextClassifierSpec,
  TransformerSpec,
} from '../../schemas/networks.ts'
import type { Plan } from '../../schemas/plan.ts'
import {
  entriesOf,
  type Fields,
  fieldsOf,
  flagOf,
  inside,
  listOf,
  numberOf,
  oneOf,
  type Place,
  refuse,
  textOf,
} from './check.ts'

const KINDS = ['mlp', 'convolutional', 'recurrent', 'transformer', 'textClassifier', 'custom'] as const
const MAX_UNITS = 65_536
const DEFAULT_KERNEL = 3
const DEFAULT_POOL = 2
const DEFAULT_EMBEDDING = 64

export function resolveModel(place: Place, word: unknown): ModelSpec {
  const kind = oneOf(inside(place, 'kind'), entriesOf(place, word).kind, KINDS)
  switch (kind) {
    case 'mlp':
      return resolveMlp(place, word)
    case 'convolutional':
      return resolveConvolutional(place, word)
    case 'recurrent':
      return resolveRecurrent(place, word)
    case 'transformer':
      return resolveTransformer(place, word)
    case 'textClassifier':
      return resolveTextClassifier(place, word)
    case 'custom':
      return resolveCustom(place, word)
  }
}

function resolveMlp(place: Place, word: unknown): MlpSpec {
  const optional = ['activation', 'dropout', 'batchNorm', 'layerNorm']
  const fields = fieldsOf(place, word, { required: ['kind', 'hidden'], optional })
  const [batch, layer] = [flag(place, fields, 'batchNorm'), flag(place, fields, 'layerNorm')]
  if (batch && layer) refuse(inside(place, 'layerNorm'), 'one norm: batchNorm or layerNorm', true)
  const normalize = batch ? 'batch' : layer ? 'layer' : undefined
  return {
    kind: 'mlp',
    hidden: counts(place, fields, 'hidden'),
    activation: oneOf(inside(place, 'activation'), fields.activation ?? 'relu', ['relu', 'tanh']),
    dropout: share(place, fields),
    ...(normalize === undefined ? {} : { normalize }),
  }
}

function resolveConvolutional(place: Place, word: unknown): ConvolutionalSpec {
  const optional = ['kernel', 'pool', 'dense', 'dropout', 'batchNorm']
  const fields = fieldsOf(place, word, { required: ['kind', 'image', 'filters'], optional })
  const image = counts(place, fields, 'image')
  if (image.length !== 3) refuse(inside(place, 'image'), 'height, width and channels', fields.image)
  const filters = counts(place, fields, 'filters')
  if (filters.length === 0) refuse(inside(place, 'filters'), 'at least one convolution', fields.filters)
  const pool = count(place, fields, 'pool', DEFAULT_POOL)
  const sides = image.slice(0, 2)
  if (filters.reduce((side) => Math.floor(side / pool), Math.min(...sides)) < 1)
    refuse(
      inside(place, 'pool'),
      `pooling that leaves a cell of ${sides.join(' × ')}`,
      `${pool}, ${filters.length} times`,
    )
  return {
    kind: 'convolutional',
    image: image as unknown as ConvolutionalSpec['image'],
    filters,
    kernel: count(place, fields, 'kernel', DEFAULT_KERNEL),
    pool,
    dense: counts(place, { dense: [], ...fields }, 'dense'),
    dropout: share(place, fields),
    batchNorm: flag(place, fields, 'batchNorm'),
  }
}

/** The features' values must be the image, no more and no less. What text features give is known to resolve-text.ts. */
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

function resolveRecurrent(place: Place, word: unknown): RecurrentSpec {
  const optional = ['layers', 'embedding', 'dropout']
  const fields = fieldsOf(place, word, { required: ['kind', 'cell', 'units'], optional })
  return {
    kind: 'recurrent',
    cell: oneOf(inside(place, 'cell'), fields.cell, ['rnn', 'gru', 'lstm']),
    units: count(place, fields, 'units'),
    layers: count(place, fields, 'layers', 1),
    embedding: count(place, fields, 'embedding', DEFAULT_EMBEDDING),
    dropout: share(place, fields),
  }
}

function resolveTransformer(place: Place, word: unknown): TransformerSpec {
  const fields = fieldsOf(place, word, { required: ['kind', 'layers', 'heads', 'width'], optional: ['dropout'] })
  const heads = count(place, fields, 'heads')
  const width = count(place, fields, 'width')
  if (width % heads !== 0) refuse(inside(place, 'width'), `a multiple of ${heads}, the number of heads`, width)
  return { kind: 'transformer', layers: count(place, fields, 'layers'), heads, width, dropout: share(place, fields) }
}

function resolveTextClassifier(place: Place, word: unknown): TextClassifierSpec {
  const optional = ['pooling', 'hidden', 'dropout']
  const fields = fieldsOf(place, word, { required: ['kind', 'embedding'], optional })
  return {
    kind: 'textClassifier',
    embedding: count(place, fields, 'embedding'),
    pooling: oneOf(inside(place, 'pooling'), fields.pooling ?? 'mean', ['mean', 'attention']),
    hidden: counts(place, { hidden: [], ...fields }, 'hidden'),
    dropout: share(place, fields),
  }
}

/** The registry has turned the path into one from the project's folder and added the digest. */
function resolveCustom(place: Place, word: unknown): CustomSpec {
  const fields = fieldsOf(place, word, { required: ['kind', 'file'], optional: ['sha256'] })
  const file = textOf(inside(place, 'file'), fields.file, /\.[mc]?[jt]s$/, 'a module such as ./model.ts')
  if (fields.sha256 === undefined)
    refuse(inside(place, 'file'), 'a pipeline file that the registry loads, which reads the module', file)
  return { kind: 'custom', file, sha256: textOf(inside(place, 'sha256'), fields.sha256, /^[0-9a-f]{64}$/, 'a sha256') }
}

function count(place: Place, fields: Fields, key: string, fallback?: number): number {
  return numberOf(inside(place, key), fields[key] ?? fallback, { min: 1, max: MAX_UNITS, integer: true })
}

function counts(place: Place, fields: Fields, key: string): number[] {
  const at = inside(place, key)
  return listOf(at, fields[key]).map((_, i, list) =>
    numberOf(inside(at, i), list[i], { min: 1, max: MAX_UNITS, integer: true }),
  )
}

function flag(place: Place, fields: Fields, key: string): boolean {
  return flagOf(inside(place, key), fields[key] ?? false)
}

function share(place: Place, fields: Fields): number {
  return numberOf(inside(place, 'dropout'), fields.dropout ?? 0, { min: 0, below: 1 })
}
