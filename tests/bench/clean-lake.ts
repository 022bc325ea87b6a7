// A lake in a folder for the cleaning benchmark: segments of orders that every contestant reads as Arrow files.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { seededRandom } from '../../core/random.ts'
import { writeSegment } from '../../lake/snapshots/segment.ts'
import { commitSnapshot } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Column, Columns } from '../../schemas/columns.ts'
import type { SourceRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { aPlan } from '../workflows/builders.ts'

const FLOATS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'] as const
const SHOPS = ['aachen', 'berlin', 'chemnitz', 'dresden', 'essen', 'fulda', 'gera', 'hamm']

/** What every contestant does: two rules, first of equal ids, three splits, six standardised numbers and a one-hot category. */
export const PLAN: Plan = aPlan({
  columns: [
    { name: 'id', kind: 'id' },
    ...FLOATS.map((name) => ({ name, kind: 'number' }) as const),
    { name: 'shop', kind: 'category', values: SHOPS },
    { name: 'label', kind: 'flag' },
  ],
  rules: [
    { name: 'f0 is plausible', action: 'quarantine', unless: { check: 'between', column: 'f0', low: -60, high: 60 } },
    { name: 'label is there', action: 'drop', unless: { check: 'present', column: 'label' } },
  ],
  features: [
    ...FLOATS.map((column) => ({ column, encode: 'standardize', log: false }) as const),
    { column: 'shop', encode: 'oneHot' },
  ],
  predict: { task: 'probability', column: 'label' },
})

export const SOURCE: SourceRef = { id: 'orders', clusterId: 'bench', topic: 'orders', columns: 'bench' }

/** A store whose objects are files. It answers as S3 does; a kill may leave half a file, which no benchmark does. */
export function folderStore(folder: string): Store {
  const fileOf = (key: string): string => path.join(folder, key)
  return {
    async get(key) {
      try {
        return new Uint8Array(readFileSync(fileOf(key)))
      } catch {
        return undefined
      }
    },
    async putIfAbsent(key, bytes) {
      mkdirSync(path.dirname(fileOf(key)), { recursive: true })
      try {
        writeFileSync(fileOf(key), bytes, { flag: 'wx' })
        return 'created'
      } catch {
        return 'exists'
      }
    },
    async *list(prefix, { after = '' } = {}) {
      const under = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      if (!existsSync(fileOf(under))) return
      const entries = readdirSync(fileOf(under), { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      )
      const keys = entries.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
      yield* keys.filter((key) => key.startsWith(prefix) && key > after).sort()
    },
    async delete(key) {
      rmSync(fileOf(key), { force: true })
    },
  }
}

export interface LakeSize {
  readonly rows: number
  readonly segmentRows: number
  /** offset of the first row: later ones are appended */
  readonly start?: number
}

/** Writes segments and one commit; of a hundred rows one has the id of an earlier one. */
export async function fillLake(store: Store, { rows, segmentRows, start = 0 }: LakeSize, commitId: string) {
  const random = seededRandom(start + 7)
  const results: RangeResult[] = []
  for (let from = start; from < start + rows; from += segmentRows) {
    const end = Math.min(start + rows, from + segmentRows)
    const range = { topic: SOURCE.topic, partition: 0, start: from, end }
    const segment = await writeSegment(store, { sourceId: SOURCE.id, range, columns: rowsOf(from, end, random) })
    results.push({ range, segment, rejects: null, holes: [] })
  }
  return (await commitSnapshot({ store, source: SOURCE, results, commitId })).snapshot
}

function rowsOf(from: number, end: number, random: () => number): Columns {
  const rows = end - from
  const byName: Record<string, Column> = { id: ids(from, rows, random) }
  for (const name of FLOATS) byName[name] = numbers(rows, random)
  const codes = Int32Array.from({ length: rows }, () => Math.floor(random() * SHOPS.length))
  byName.shop = { type: 'dictionary', codes, dictionary: SHOPS, valid: null }
  const labels = Uint8Array.from({ length: rows }, () => (random() < 0.3 ? 1 : 0))
  byName.label = { type: 'bool', values: labels, valid: present(rows, 0.005, random) }
  byName._partition = { type: 'int32', values: new Int32Array(rows), valid: null }
  byName._offset = {
    type: 'int64',
    values: BigInt64Array.from({ length: rows }, (_, i) => BigInt(from + i)),
    valid: null,
  }
  const time = (i: number): bigint => BigInt(1_700_000_000_000 + from + i)
  byName._timestamp = { type: 'int64', values: BigInt64Array.from({ length: rows }, (_, i) => time(i)), valid: null }
  byName._key = { type: 'binary', offsets: new Int32Array(rows + 1), bytes: new Uint8Array(0), valid: null }
  return { rows, byName }
}

function ids(from: number, rows: number, random: () => number): Column {
  const texts = Array.from({ length: rows }, (_, i) => {
    const number = random() < 0.01 ? Math.floor(random() * (from + i + 1)) : from + i
    return `order-${(Math.imul(number, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}-${number}`
  })
  const bytes = new TextEncoder().encode(texts.join(''))
  const offsets = new Int32Array(rows + 1)
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length
  return { type: 'utf8', offsets, bytes, valid: null }
}

/** Standard normal by Box and Muller, times ten; two of a hundred are missing. */
function numbers(rows: number, random: () => number): Column {
  const values = Float64Array.from(
    { length: rows },
    () => 10 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )
  return { type: 'float64', values, valid: present(rows, 0.02, random) }
}

function present(rows: number, missing: number, random: () => number): Uint8Array {
  const valid = new Uint8Array(Math.ceil(rows / 8))
  for (let i = 0; i < rows; i++) if (random() >= missing) valid[i >> 3]! |= 1 << (i & 7)
  return valid
}
