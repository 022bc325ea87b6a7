// Datasets and plans of trainings that are killed: every kind of model that sluice brings along, small enough to train in seconds.
import { randomUUID } from 'node:crypto'
import { encodeColumns } from '../../lake/columns/arrow.ts'
import { putJson, putObject } from '../../lake/store/objects.ts'
import { openS3Store, type S3Store } from '../../lake/store/s3.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { DatasetManifest, DatasetRef, FittedTokens, PartRef, Transform } from '../../schemas/dataset.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { Plan, TrainSpec } from '../../schemas/plan.ts'
import { MANIFEST, PLAN, partOf, TRANSFORM } from '../ml/flowers.ts'

export interface TrainingGround {
  /** with a bucket of its own */
  readonly endpoints: Endpoints
  readonly store: S3Store
  readonly cases: readonly TrainingCase[]
  close(): void
}

export interface TrainingCase {
  readonly name: string
  readonly plan: Plan
  readonly dataset: DatasetRef
  /** steps of the whole training */
  readonly steps: number
}

const ROWS = 320
const TEXTS = 80
const ALPHABET = [...'abcdefgh ']
const CONTEXT = 12
const TOKENS: FittedTokens = {
  column: 'body',
  encode: 'tokens',
  unit: 'characters',
  vocabulary: ALPHABET,
  width: CONTEXT + 1,
  context: CONTEXT,
}
const ADAM = { kind: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const
const NEXT: Pick<Plan, 'columns' | 'features' | 'predict'> = {
  columns: [
    { name: 'id', kind: 'id' },
    { name: 'body', kind: 'text', maxBytes: 1_000 },
  ],
  features: [{ column: 'body', encode: 'characters', alphabet: ALPHABET.length, context: CONTEXT }],
  predict: { task: 'next', column: 'body' },
}

const FLOWERS: Readonly<Record<string, Partial<TrainSpec> & Pick<TrainSpec, 'model'>>> = {
  'mlp, dropout, averaged': {
    model: { kind: 'mlp', hidden: [16], activation: 'relu', dropout: 0.3 },
    averageWeights: 0.9,
  },
  'mlp, batch norm, accumulated': {
    model: { kind: 'mlp', hidden: [16], activation: 'tanh', dropout: 0, normalize: 'batch' },
    optimizer: { kind: 'rmsprop', rate: 0.01, rho: 0.9, momentum: 0.5, epsilon: 1e-7 },
    accumulate: 2,
  },
  convolutional: {
    model: {
      kind: 'convolutional',
      image: [2, 3, 1],
      filters: [4],
      kernel: 2,
      pool: 1,
      dense: [8],
      dropout: 0.2,
      batchNorm: true,
    },
    optimizer: { ...ADAM, kind: 'adamW', weightDecay: 0.01, warmup: 10, decay: { kind: 'cosine', to: 1e-4 } },
  },
}

const TEXT: Readonly<Record<string, Partial<TrainSpec> & Pick<TrainSpec, 'model'>>> = {
  'gru, clipped': {
    model: { kind: 'recurrent', cell: 'gru', units: 12, layers: 1, embedding: 8, dropout: 0.1 },
    optimizer: { ...ADAM, clipNorm: 1 },
  },
  transformer: {
    model: { kind: 'transformer', layers: 1, heads: 2, width: 16, dropout: 0.1 },
    optimizer: {
      kind: 'sgd',
      rate: 0.1,
      momentum: 0.9,
      nesterov: true,
      decay: { kind: 'plateau', patience: 1, factor: 0.5 },
    },
  },
}

/** What the cases are called. */
export const TRAINING_NAMES = [...Object.keys(FLOWERS), ...Object.keys(TEXT)]

/** Writes both datasets to a bucket of their own. */
export async function openTrainingGround(servers: Endpoints): Promise<TrainingGround> {
  const endpoints = { ...servers, s3: { ...servers.s3, bucket: `training-${randomUUID()}` } }
  const store = openS3Store(endpoints.s3)
  await store.ensureBucket()
  const flowers = await writeDataset(store, TRANSFORM, (seed) => partOf(ROWS / 2, seed))
  const transform: Transform = { kind: 'transform', width: TOKENS.width, features: [TOKENS] }
  const texts = await writeDataset(store, transform, (seed) => textPart(TEXTS / 2, seed))
  const caseOf =
    (base: Plan, dataset: DatasetRef) =>
    ([name, train]: [string, Partial<TrainSpec>]): TrainingCase => {
      const plan = {
        ...base,
        train: { ...base.train, optimizer: ADAM, batch: 16, epochs: 6, checkpointEvery: 5, ...train },
      }
      return { name, plan, dataset, steps: (6 * ROWS) / 16 }
    }
  return {
    endpoints,
    store,
    cases: [
      ...Object.entries(FLOWERS).map(caseOf(PLAN, flowers)),
      ...Object.entries(TEXT).map(caseOf({ ...PLAN, ...NEXT }, texts)),
    ],
    close: () => store.close(),
  }
}

async function writeDataset(
  store: S3Store,
  transform: Transform,
  part: (seed: number) => Columns,
): Promise<DatasetRef> {
  const write = async (seed: number): Promise<PartRef> => {
    const columns = part(seed)
    const bytes = encodeColumns(columns)
    return { ...(await putObject(store, { kind: 'parts', extension: 'arrow', bytes })), rows: columns.rows }
  }
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(store, { kind: 'transforms', value: transform }),
    parts: { train: [await write(1), await write(2)], validate: [await write(3)], test: [await write(4)] },
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting: manifest.accounting }
}

/** Texts of four windows each, in which every letter is followed by the next one of the alphabet or by a space. */
function textPart(rows: number, seed: number): Columns {
  const length = 4 * CONTEXT
  const texts = Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_, i) => ALPHABET[(i * (1 + (seed % 2)) + row) % ALPHABET.length]!).join(''),
  )
  const column = (values: readonly string[]) => {
    const parts = values.map((value) => Buffer.from(value))
    const offsets = new Int32Array(values.length + 1)
    parts.forEach((part, i) => {
      offsets[i + 1] = offsets[i]! + part.length
    })
    return { type: 'utf8', offsets, bytes: new Uint8Array(Buffer.concat(parts)), valid: null } as const
  }
  return { rows, byName: { id: column(texts.map((_, row) => `${seed}-${row}`)), body: column(texts) } }
}
