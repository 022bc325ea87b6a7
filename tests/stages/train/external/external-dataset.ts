// Tiny datasets in a store for trainers of one's own, of rows and of texts.
import { seededRandom } from '../../../../core/random.ts'
import { encodeColumns } from '../../../../lake/columns/arrow.ts'
import { putJson, putObject } from '../../../../lake/store/objects.ts'
import type { Store } from '../../../../lake/store/store.ts'
import type { Columns } from '../../../../schemas/columns.ts'
import type { DatasetManifest, DatasetRef, Transform } from '../../../../schemas/dataset.ts'
import type { Plan } from '../../../../schemas/plan.ts'
import { batchOf } from '../../../clean/rows.ts'
import { MANIFEST, PLAN, partOf, TRANSFORM } from '../../../ml/flowers.ts'

const VOCABULARY = [...'acdeghnorst .']
const CONTEXT = 10

/** The plan of a pipeline that predicts each next character of the texts below. */
export const TEXT_PLAN: Plan = {
  ...PLAN,
  name: 'texts',
  columns: [
    { name: 'id', kind: 'id' },
    { name: 'body', kind: 'text', maxBytes: 1_000 },
  ],
  features: [{ column: 'body', encode: 'characters', alphabet: VOCABULARY.length, context: CONTEXT }],
  predict: { task: 'next', column: 'body' },
  gates: [{ gate: 'atMost', metric: 'bitsPerCharacter', value: 1.5 }],
}

const TEXT_TRANSFORM: Transform = {
  kind: 'transform',
  width: CONTEXT + 1,
  features: [
    {
      column: 'body',
      encode: 'tokens',
      unit: 'characters',
      vocabulary: VOCABULARY,
      width: CONTEXT + 1,
      context: CONTEXT,
    },
  ],
}

/** Sentences of six words, so that most characters follow from the ones before; some texts are missing. */
function textPartOf(rows: number, seed: number): Columns {
  const random = seededRandom(seed)
  const one = (words: readonly string[]) => words[Math.floor(random() * words.length)]!
  const sentence = () => `the ${one(['cat', 'dog', 'hen'])} ${one(['sat', 'ran', 'goes'])}.`
  const cells = Array.from({ length: rows }, (_, row) =>
    row % 9 === 8 ? null : Array.from({ length: 1 + Math.floor(random() * 3) }, sentence).join(' '),
  )
  const rowsOfCells = cells.map((body, offset) => ({
    cells: { id: String(offset), body },
    partition: 0,
    offset,
    key: null,
  }))
  return batchOf(TEXT_PLAN.columns, rowsOfCells)
}

/** 40 training, 20 validation and 40 test rows of flowers. */
export function makeDataset(into: Store): Promise<DatasetRef> {
  return writeDataset(into, TRANSFORM, partOf)
}

/** As many texts. */
export function makeTextDataset(into: Store): Promise<DatasetRef> {
  return writeDataset(into, TEXT_TRANSFORM, textPartOf)
}

async function writeDataset(
  into: Store,
  transform: Transform,
  columnsOf: (rows: number, seed: number) => Columns,
): Promise<DatasetRef> {
  const part = async (rows: number, seed: number) => ({
    ...(await putObject(into, { kind: 'parts', extension: 'arrow', bytes: encodeColumns(columnsOf(rows, seed)) })),
    rows,
  })
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(into, { kind: 'transforms', value: transform }),
    parts: { train: [await part(30, 1), await part(10, 2)], validate: [await part(20, 3)], test: [await part(40, 4)] },
  }
  const ref = await putJson(into, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting: manifest.accounting }
}
