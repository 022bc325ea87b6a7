// The streaming engine agrees with the obvious loop over rows.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur3 } from '../../clean/hash.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import type { CheckSpec } from '../../schemas/plan.ts'
import { cleanBatches } from './clean-batches.ts'
import { expectFit } from './expect-fit.ts'
import { arrivalsArbitrary, rowsArbitrary } from './row-arbitraries.ts'
import { batchOf, type Cell, COLUMNS, cellsOf, PLAN, type Row, timeOf } from './rows.ts'

function satisfies(check: CheckSpec, cells: Row['cells']): boolean {
  const cell = cells[check.column] ?? null
  if (cell === null) return false
  if (check.check === 'compare' || check.check === 'sum') return agrees(check, cells)
  if (check.check === 'between') return (cell as number) >= check.low && (cell as number) <= check.high
  if (check.check === 'oneOf') return check.values.includes(cell as string)
  return check.check === 'longer' ? Buffer.byteLength(cell as string) > check.bytes : true
}

function agrees(check: Extract<CheckSpec, { check: 'compare' | 'sum' }>, cells: Row['cells']): boolean {
  const others = (check.check === 'sum' ? check.of : [check.other]).map((name) => cells[name] ?? null)
  if (others.includes(null)) return false
  const [value, ...numbers] = [cells[check.column], ...others] as [number, ...number[]]
  if (check.check === 'sum') return Math.abs(value - numbers.reduce((sum, each) => sum + each, 0)) <= check.within
  if (check.relation === 'less') return value < numbers[0]!
  return check.relation === 'atMost' ? value <= numbers[0]! : value === numbers[0]
}

function splitOf(id: string): 'train' | 'validate' | 'test' {
  const bytes = Buffer.from(id)
  const share = murmur3(bytes, 0, bytes.length) / 2 ** 32
  if (share < 0.6) return 'train'
  return share < 0.8 ? 'validate' : 'test'
}

/** Which entry of the chain first covered the row; 0: none that is named. */
function versionOf({ partition, offset }: Row, arrivals: readonly Arrival[]): number {
  return arrivals.find((arrival) => arrival.partition === partition && offset < arrival.end)?.version ?? 0
}

/** The stated order: snapshot, time, partition, offset; a record without time is last of its snapshot. */
function firstOf(rows: readonly Row[], arrivals: readonly Arrival[]): Row {
  const place = (row: Row) => [
    versionOf(row, arrivals),
    timeOf(row) < 0 ? Number.MAX_VALUE : timeOf(row),
    row.partition,
    row.offset,
  ]
  const compare = (a: readonly number[], b: readonly number[]): number => {
    const at = a.findIndex((value, i) => value !== b[i])
    return at === -1 ? 0 : a[at]! - b[at]!
  }
  return rows.toSorted((a, b) => compare(place(a), place(b)))[0]!
}

function cleanRowByRow(rows: readonly Row[], arrivals: readonly Arrival[]) {
  const rules = [
    ...PLAN.rules,
    { name: 'label is present', action: 'drop', unless: { check: 'present', column: 'left' } } as const,
  ]
  const result = {
    rows: {
      train: [] as Row[],
      validate: [] as Row[],
      test: [] as Row[],
      quarantine: [] as (Row & { reasons: string })[],
    },
    duplicates: 0,
    failures: Object.fromEntries(rules.map(({ name }) => [name, 0])),
    rejectedBy: {
      decode: 0,
      ...Object.fromEntries(
        rules.filter((r) => r.action !== 'warn' && r.action !== 'fail').map(({ name }) => [name, 0]),
      ),
    } as Record<string, number>,
  }
  const kept: Row[] = []
  for (const row of rows) {
    const failed = rules.filter(({ unless }) => !satisfies(unless, row.cells))
    for (const { name } of failed) result.failures[name]!++
    const decides = failed.find(({ action }) => action === 'drop' || action === 'quarantine')
    if (decides !== undefined) {
      result.rejectedBy[decides.name]!++
      if (decides.action === 'quarantine')
        result.rows.quarantine.push({ ...row, reasons: failed.map(({ name }) => name).join('; ') })
    } else kept.push(row)
  }
  const byId = Map.groupBy(kept, ({ cells }) => cells.id as string)
  for (const row of kept) {
    const id = row.cells.id as string
    if (firstOf(byId.get(id)!, arrivals) === row) result.rows[splitOf(id)].push(row)
    else result.duplicates++
  }
  return result
}

function flat(row: Row & { reasons?: string }): Record<string, Cell> {
  const system = { _partition: row.partition, _offset: row.offset, _timestamp: timeOf(row), _key: row.key }
  return { ...row.cells, ...system, ...(row.reasons === undefined ? {} : { _reasons: row.reasons }) }
}

test('agrees with a loop over rows', () => {
  fc.assert(
    fc.property(rowsArbitrary, arrivalsArbitrary, fc.integer({ min: 1, max: 50 }), (rows, arrivals, offsets) => {
      const expected = cleanRowByRow(rows, arrivals)
      const { parts, accounting, transform } = cleanBatches({ batches: [batchOf(COLUMNS, rows)], offsets, arrivals })
      for (const target of ['train', 'validate', 'test', 'quarantine'] as const) {
        const found = parts.filter((part) => part.target === target).flatMap((part) => cellsOf(part.columns))
        expect(found).toEqual(expected.rows[target].map(flat))
      }
      expectFit(transform, expected.rows.train)
      expect(accounting.duplicates).toBe(expected.duplicates)
      expect(accounting.failures).toEqual(expected.failures)
      expect(accounting.rejectedBy).toEqual(expected.rejectedBy)
      expect(accounting.in).toBe(rows.length)
    }),
    { numRuns: 300 },
  )
})
