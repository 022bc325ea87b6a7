// Rows as plain objects, and batches made from them the way ingest might: any dictionary order, garbage in missing slots.
import type { Column, ColumnSpec, Columns } from '../../schemas/columns.ts'
import { columnType, elementsAreBytes } from '../../schemas/columns.ts'
import type { Plan } from '../../schemas/plan.ts'

export type Cell = string | number | readonly number[] | null

export interface Row {
  readonly cells: Readonly<Record<string, Cell>>
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  /** milliseconds; default 7 per offset; -1: the record has none */
  readonly time?: number
}

export const timeOf = ({ time, offset }: Row): number => time ?? offset * 7

export const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'day', kind: 'time' },
  { name: 'plan', kind: 'category', values: ['free', 'team', 'business'] },
  { name: 'country', kind: 'category', top: 2 },
  { name: 'spend', kind: 'number' },
  { name: 'share', kind: 'number', min: 0, max: 1 },
  { name: 'tickets', kind: 'number', missing: 0 },
  { name: 'active', kind: 'flag' },
  { name: 'pixels', kind: 'numbers', length: 3, min: 0, max: 255, integers: true },
  { name: 'note', kind: 'text', maxBytes: 100 },
  { name: 'left', kind: 'flag' },
]

/** Every encoding and every action of a rule at once. */
export const PLAN: Plan = {
  name: 'everything',
  owner: 'tests',
  source: { topic: 'everything', format: 'json' },
  columns: COLUMNS,
  rules: [
    { name: 'country is known', action: 'warn', unless: { check: 'present', column: 'country' } },
    {
      name: 'spend is plausible',
      action: 'quarantine',
      unless: { check: 'between', column: 'spend', low: -50, high: 50 },
    },
    { name: 'plan is paid', action: 'drop', unless: { check: 'oneOf', column: 'plan', values: ['team', 'business'] } },
    { name: 'note says something', action: 'quarantine', unless: { check: 'longer', column: 'note', bytes: 1 } },
    {
      name: 'tickets cost something',
      action: 'warn',
      unless: { check: 'compare', column: 'tickets', relation: 'atMost', other: 'spend' },
    },
    {
      name: 'spend adds up',
      action: 'warn',
      unless: { check: 'sum', column: 'spend', of: ['tickets', 'share'], within: 12.5 },
    },
    { name: 'day is mostly there', action: 'fail', unless: { check: 'present', column: 'day', mostly: 0.01 } },
  ],
  features: [
    { column: 'plan', encode: 'oneHot' },
    { column: 'country', encode: 'oneHot' },
    { column: 'spend', encode: 'standardize', log: false, clip: [0.1, 0.9] },
    { column: 'share', encode: 'scale' },
    { column: 'tickets', encode: 'standardize', log: true },
    { column: 'active', encode: 'indicator' },
    { column: 'pixels', encode: 'scale' },
  ],
  predict: { task: 'probability', column: 'left' },
  split: { by: 'hash', column: 'id', train: 0.6, validate: 0.2, test: 0.2 },
  train: {
    model: { kind: 'mlp', hidden: [], activation: 'relu', dropout: 0 },
    optimizer: { kind: 'adam', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    batch: 8,
    epochs: 1,
    seed: 1,
    checkpointEvery: 10,
    device: 'any',
  },
  gates: [],
  alpha: 0.05,
  approval: { ask: 'tests', remindMs: 1, expireMs: 2 },
  retrain: [],
  serve: { path: '/everything' },
  fingerprint: 'f'.repeat(64),
}

/** `noise` changes nothing that counts: the order of dictionaries, unused entries, what stands in missing slots. */
export function batchOf(columns: readonly ColumnSpec[], rows: readonly Row[], noise: () => number = () => 0): Columns {
  const own = columns.map((spec): [string, Column] => [
    spec.name,
    columnOf(
      spec,
      rows.map((row) => row.cells[spec.name] ?? null),
      noise,
    ),
  ])
  const keys = rows.map((row) => row.key)
  return {
    rows: rows.length,
    byName: {
      ...Object.fromEntries(own),
      _partition: { type: 'int32', values: Int32Array.from(rows, (row) => row.partition), valid: null },
      _offset: { type: 'int64', values: BigInt64Array.from(rows, (row) => BigInt(row.offset)), valid: null },
      _timestamp: { type: 'int64', values: BigInt64Array.from(rows, (row) => BigInt(timeOf(row))), valid: null },
      _key: { ...textColumn(keys, noise), type: 'binary' } as Column,
    },
  }
}

function columnOf(spec: ColumnSpec, cells: readonly Cell[], noise: () => number): Column {
  const valid = validityOf(cells, noise)
  const numbers = cells.map((cell) => (cell === null ? Math.floor(noise() * 100) : Number(cell)))
  const type = columnType(spec)
  if (type === 'utf8') return textColumn(cells as (string | null)[], noise)
  if (type === 'dictionary') return dictionaryColumn(cells as (string | null)[], noise)
  if (type === 'int64') return { type, values: BigInt64Array.from(numbers, BigInt), valid }
  if (type === 'bool') return { type, values: Uint8Array.from(numbers), valid }
  if (type === 'float64') return { type, values: Float64Array.from(numbers), valid }
  if (spec.kind !== 'numbers') throw new TypeError(`no builder for ${type}`)
  const lists = cells.flatMap((cell) => cell ?? new Array<number>(spec.length).fill(Math.floor(noise() * 100)))
  const values = elementsAreBytes(spec) ? Uint8Array.from(lists as number[]) : Float32Array.from(lists as number[])
  return { type: 'list', width: spec.length, values, valid }
}

/** Sometimes a bitmap although nothing is missing, and set bits behind the last row. */
function validityOf(cells: readonly Cell[], noise: () => number): Uint8Array | null {
  if (!cells.includes(null) && noise() < 0.5) return null
  const bits = new Uint8Array((cells.length + 7) >> 3).fill(255)
  cells.forEach((cell, row) => {
    if (cell === null) bits[row >> 3]! &= ~(1 << (row & 7))
  })
  return bits
}

function textColumn(cells: readonly (string | null)[], noise: () => number): Column {
  const texts = cells.map((cell) => cell ?? 'garbage'.slice(0, Math.floor(noise() * 7)))
  const offsets = new Int32Array(texts.length + 1)
  texts.forEach((text, row) => {
    offsets[row + 1] = offsets[row]! + Buffer.byteLength(text)
  })
  return { type: 'utf8', offsets, bytes: new Uint8Array(Buffer.from(texts.join(''))), valid: validityOf(cells, noise) }
}

function dictionaryColumn(cells: readonly (string | null)[], noise: () => number): Column {
  const used = [...new Set(cells.filter((cell) => cell !== null))]
  const dictionary = noise() < 0.5 ? used : ['unused', ...used.reverse()]
  const codes = Int32Array.from(cells, (cell) => (cell === null ? 0 : dictionary.indexOf(cell)))
  return { type: 'dictionary', codes, dictionary, valid: validityOf(cells, noise) }
}

/** The cells of a part, by the same names. */
export function cellsOf(columns: Columns): Record<string, Cell>[] {
  return Array.from({ length: columns.rows }, (_, row) =>
    Object.fromEntries(Object.entries(columns.byName).map(([name, column]) => [name, cellOf(column, row)])),
  )
}

function cellOf(column: Column, row: number): Cell {
  const { valid } = column
  if (valid !== null && ((valid[row >> 3]! >> (row & 7)) & 1) === 0) return null
  if (column.type === 'list') return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
  if (column.type === 'dictionary') return column.dictionary[column.codes[row]!]!
  if ('values' in column) return Number(column.values[row]!)
  return Buffer.from(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!)).toString()
}
