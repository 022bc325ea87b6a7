// A tiny pipeline with one column of each encodable scalar kind: its plan, transform and raw columns.
import { seededRandom } from '../../core/random.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { DatasetManifest, DatasetRef, Transform } from '../../schemas/dataset.ts'
import type { Plan } from '../../schemas/plan.ts'
import { trainSpec } from './builders.ts'

const HEX = 'a'.repeat(64)

export const PLAN: Plan = {
  name: 'flowers',
  owner: 'gardeners',
  source: { topic: 'flowers', format: 'json' },
  columns: [
    { name: 'id', kind: 'id' },
    { name: 'petal', kind: 'number', unit: 'cm', min: 0 },
    { name: 'colour', kind: 'category', top: 3 },
    { name: 'wild', kind: 'flag' },
    { name: 'kind', kind: 'category', values: ['rose', 'tulip'] },
  ],
  rules: [],
  features: [
    { column: 'petal', encode: 'standardize', log: false },
    { column: 'colour', encode: 'oneHot' },
    { column: 'wild', encode: 'indicator' },
  ],
  predict: { task: 'category', column: 'kind', classes: ['rose', 'tulip'] },
  split: { by: 'hash', column: 'id', train: 0.8, validate: 0.1, test: 0.1 },
  train: trainSpec({ epochs: 6 }),
  gates: [
    { gate: 'atLeast', metric: 'accuracy', value: 0.6 },
    { gate: 'notWorse', metric: 'accuracy', by: 0.05 },
    { gate: 'atLeast', metric: 'accuracy', value: 0.5, within: 'colour', minRows: 2 },
  ],
  alpha: 0.05,
  approval: { ask: 'gardeners', remindMs: 1000, expireMs: 2000 },
  retrain: [],
  serve: { path: '/flowers' },
  fingerprint: HEX,
}

export const TRANSFORM: Transform = {
  kind: 'transform',
  width: 6,
  features: [
    { column: 'petal', encode: 'affine', log: false, fill: 3, low: 0, high: 6, offset: 3, factor: 1.5, width: 1 },
    { column: 'colour', encode: 'oneHot', values: ['red', 'white', 'yellow'], other: true, width: 4 },
    { column: 'wild', encode: 'indicator', width: 1 },
  ],
}

const OBJECT = { key: `objects/aa/${HEX}.json`, sha256: HEX, bytes: 1 }

export const MANIFEST: DatasetManifest = {
  kind: 'dataset',
  pipeline: 'flowers',
  lineage: {
    source: { id: 's', clusterId: 'c', topic: 'flowers', columns: HEX },
    coverage: [{ partition: 0, start: 0, end: 140 }],
  },
  recipe: HEX,
  parts: { train: [], validate: [], test: [] },
  transform: OBJECT,
  quarantine: [],
  accounting: {
    in: 140,
    clean: 140,
    rejected: 0,
    duplicates: 0,
    rejectedBy: {},
    failures: {},
    split: { train: 80, validate: 30, test: 30 },
  },
}

export const DATASET: DatasetRef = { ...OBJECT, digest: HEX, accounting: MANIFEST.accounting }

/** Raw columns as the cleaner writes them; every seventh petal is missing, tulips have longer ones. */
export function partOf(rows: number, seed: number): Columns {
  const random = seededRandom(seed)
  const kinds = Int32Array.from({ length: rows }, () => Math.floor(random() * 2))
  const valid = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++) if (row % 7 !== 0) valid[row >> 3]! |= 1 << (row & 7)
  return {
    rows,
    byName: {
      petal: { type: 'float64', values: Float64Array.from(kinds, (kind) => 2 + kind + random() * 1.5), valid },
      colour: {
        type: 'dictionary',
        codes: Int32Array.from(kinds, () => Math.floor(random() * 3)),
        dictionary: ['white', 'red', 'blue'],
        valid: null,
      },
      wild: { type: 'bool', values: Uint8Array.from(kinds, () => (random() < 0.5 ? 1 : 0)), valid: null },
      kind: { type: 'dictionary', codes: kinds, dictionary: ['rose', 'tulip'], valid: null },
    },
  }
}
