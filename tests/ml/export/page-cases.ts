// Exported folders for pages, each with raw rows and what sluice makes of them: numbers, images, texts to classify, texts to go on with.
import fc from 'fast-check'
import { makeModelExport } from '../../../cli/export-model.ts'
import { seededRandom } from '../../../core/random.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject } from '../../../lake/store/objects.ts'
import { openBackend } from '../../../ml/backend.ts'
import { tokenIdsOf } from '../../../ml/features/token-feature.ts'
import { compileTransform, parseRow } from '../../../ml/features/transform.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import type { FittedTokens, Transform } from '../../../schemas/dataset.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { PLAN, TRANSFORM } from '../flowers.ts'

type Row = Readonly<Record<string, unknown>>

interface Kind {
  readonly name: string
  readonly model: ModelSpec
  readonly predict: PredictSpec
  readonly columns: readonly ColumnSpec[]
  readonly transform: Transform
  readonly rows: readonly Row[]
}

export interface PageCase {
  /** also the folder's name in an address */
  readonly name: string
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly rows: readonly Row[]
  /** [rows][width], as the transform makes them here */
  readonly inputs: readonly (readonly number[])[]
  /** [rows][outputs], as the model answers here */
  readonly outputs: readonly (readonly number[])[]
}

const random = seededRandom(5)
const CLASSES: PredictSpec = { task: 'category', column: 'kind', classes: ['a', 'b', 'c'] }
const TEXT: ColumnSpec = { name: 'text', kind: 'text', maxBytes: 10_000 }
const WORDS = ['the', 'whale', "don't", 'é', 'straße', 'ﬁ', 'i', '\n', '!', '42', '鯨', '👍']

/** What is easily cut otherwise: composed and not, capitals of other alphabets, apostrophes, line breaks, marks, emoji, white space. */
const TEXTS = [
  ...['', 'The whale', 'DON’T — don’t; E\u0301 é É', 'İstanbul ΟΔΥΣΣΕΥΣ STRASSE straße', 'a\r\n\n\nb\tc\u00a0d\u2028e'],
  ...['\ufeff42 ４２ ٤٢ ½', '👍👩‍👩‍👧 鯨は大きい', 'n\u0303\u0323 \u0323\u0303', "'tis o'er ''", 'ﬁn ﬀ I'],
  ...fc.sample(fc.string({ unit: 'grapheme', maxLength: 30 }), { numRuns: 300, seed: 3 }),
  ...fc.sample(fc.string({ unit: fc.constantFrom(...WORDS, ' ', '’'), maxLength: 12 }), { numRuns: 300, seed: 4 }),
]
const textRows: readonly Row[] = [{}, ...TEXTS.map((text) => ({ text }))]

const KINDS: readonly Kind[] = [
  {
    name: 'numbers',
    model: { kind: 'mlp', hidden: [9, 5], activation: 'tanh', dropout: 0, normalize: 'batch' },
    predict: PLAN.predict,
    columns: PLAN.columns,
    transform: TRANSFORM,
    rows: Array.from({ length: 60 }, (_, i) => ({
      ...(i % 5 === 0 ? {} : { petal: 9 * random() }),
      ...(i % 7 === 0 ? {} : { colour: ['red', 'white', 'yellow', 'blue'][i % 4] }),
      ...(i % 3 === 0 ? {} : { wild: i % 2 === 0 }),
    })),
  },
  {
    name: 'images',
    model: {
      kind: 'convolutional',
      image: [8, 8, 1],
      filters: [3, 4],
      kernel: 3,
      pool: 2,
      dense: [6],
      dropout: 0,
      batchNorm: true,
    },
    predict: CLASSES,
    columns: [{ name: 'pixels', kind: 'numbers', length: 64, min: 0, max: 255, integers: true }],
    transform: {
      kind: 'transform',
      width: 64,
      features: [{ column: 'pixels', encode: 'elements', offset: 128, factor: 1 / 64, width: 64 }],
    },
    rows: Array.from({ length: 30 }, () => ({ pixels: Array.from({ length: 64 }, () => Math.floor(256 * random())) })),
  },
  {
    name: 'classified-texts',
    model: { kind: 'textClassifier', embedding: 6, pooling: 'attention', hidden: [5], dropout: 0 },
    predict: CLASSES,
    columns: [TEXT],
    rows: textRows,
    transform: tokens({ unit: 'words', width: 12 }),
  },
  {
    name: 'continued-texts',
    model: { kind: 'recurrent', cell: 'gru', units: 7, layers: 2, embedding: 4, dropout: 0 },
    predict: { task: 'next', column: 'text' },
    columns: [TEXT],
    rows: textRows,
    transform: tokens({ unit: 'characters', width: 9, context: 8 }),
  },
  {
    name: 'texts-attended-to',
    model: { kind: 'transformer', layers: 2, heads: 2, width: 8, dropout: 0 },
    predict: { task: 'next', column: 'text' },
    columns: [TEXT],
    rows: textRows,
    transform: tokens({ unit: 'words', width: 9, context: 8 }),
  },
]

function tokens(of: Pick<FittedTokens, 'unit' | 'width'> & { readonly context?: number }): Transform {
  const vocabulary = of.unit === 'words' ? WORDS : [...'etaoin shrdlu👍é\n']
  return { kind: 'transform', width: of.width, features: [{ column: 'text', encode: 'tokens', vocabulary, ...of }] }
}

/** Exports each as `sluice export-model --format tfjs` does. Needs the `tensorflow` backend. */
export async function pageCases(): Promise<PageCase[]> {
  const cases: PageCase[] = []
  for (const kind of KINDS) cases.push(await pageCase(kind))
  return cases
}

async function pageCase({ name, model: spec, predict, columns, transform, rows }: Kind): Promise<PageCase> {
  const { tf } = await openBackend({ prefer: 'tensorflow', device: 'any' })
  const compiled = compileTransform(transform)
  const architecture = architectureOf(spec, transform.width, predict, tokenIdsOf(transform))
  const network = networkOf(architecture)
  const bytes = packModel(architecture, predict, {
    weights: initialWeights(network.weights, 7),
    averages: initialWeights(network.averages, 7),
  })
  const inputs = rows.map((row) => [...compiled.applyRow(parseRow(columns, transform, row))])
  const model = await loadModel(tf, bytes)
  const answers = model.predict(Float32Array.from(inputs.flat()))
  model.dispose()
  const outputs = inputs.map((_, r) => [...answers.subarray(r * network.outputs, (r + 1) * network.outputs)])
  const golden = { kind: 'golden', rows: rows.slice(0, 16), inputs: inputs.slice(0, 16), outputs: outputs.slice(0, 16) }
  const store = memoryStore()
  const card = await putJson(store, {
    kind: 'models',
    value: {
      kind: 'model',
      pipeline: name,
      predict,
      architecture,
      weights: await putObject(store, { kind: 'weights', extension: 'bin', bytes }),
      transform: await putJson(store, { kind: 'transforms', value: transform }),
      golden: await putJson(store, { kind: 'golden', value: { ...golden, tolerance: 1e-4 } }),
    },
  })
  const { files } = await makeModelExport(store, {
    plan: { ...PLAN, columns },
    format: 'tfjs',
    projectDir: process.cwd(),
    digest: card.sha256,
  })
  return { name, files, rows, inputs, outputs }
}
