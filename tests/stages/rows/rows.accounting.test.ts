// Rows that are traced add up with what cleaning counted, for any events in any cuts, and an id's rows are those of the whole lake.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readColumns } from '../../../lake/columns/read.ts'
import { snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import { readJson } from '../../../lake/store/objects.ts'
import type { DatasetManifest } from '../../../schemas/dataset.ts'
import { SPLITS } from '../../../schemas/plan.ts'
import type { Fate, TracedRow } from '../../../schemas/traced-row.ts'
import { makeDataset } from '../../../stages/clean/make-dataset.ts'
import { findId } from '../../../stages/rows/find-id.ts'
import { traceId } from '../../../stages/rows/trace-id.ts'
import { traceRows } from '../../../stages/rows/trace-rows.ts'
import { demoEvents, ingestAll, openTwins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

const plan = aPlan({
  rules: [
    { name: 'x is small', action: 'quarantine', unless: { check: 'between', column: 'x', low: -8, high: 8 } },
    { name: 'x is no 5', action: 'drop', unless: { check: 'between', column: 'x', low: -100, high: 9 } },
    { name: 'x is mostly there', action: 'warn', unless: { check: 'present', column: 'x' } },
  ],
})
const ALL: ReadonlySet<Fate> = new Set(['kept', 'quarantined', 'dropped', 'duplicate', 'undecoded'])

/** Ids that repeat across partitions and commits; values that rules take; some that do not decode. */
const anEvent = fc.record({
  partition: fc.integer({ min: 0, max: 1 }),
  id: fc.integer({ min: 0, max: 25 }),
  x: fc.oneof(fc.integer({ min: -10, max: 12 }), fc.constant(null)),
  y: fc.oneof({ weight: 8, arbitrary: fc.boolean() }, { weight: 1, arbitrary: fc.constant(null) }),
  isBroken: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
  time: fc.integer({ min: 0, max: 1_000 }),
})
type AnEvent = typeof anEvent extends fc.Arbitrary<infer T> ? T : never

async function ingested(rounds: readonly (readonly AnEvent[])[]) {
  const twins = openTwins({ limits: { maxRangeRows: 9, maxRangeBytes: 1_000_000 } })
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  twins.broker.append('demo', 0, demoEvents(40, 100)) // so that no split is empty
  let snapshot = await ingestAll(twins, plan, 'run-0')
  for (const [round, events] of rounds.entries()) {
    for (const { partition, isBroken, time, ...event } of events) {
      const value = isBroken ? '{' : JSON.stringify({ ...event, id: `e${event.id}` })
      twins.broker.append('demo', partition, [{ key: 'k', value, timestamp: 1_700_000_000_000 + time }])
    }
    if (events.length > 0) snapshot = await ingestAll(twins, plan, `run-${round + 1}`)
  }
  const files = await snapshotSegments({ store: twins.store, snapshot: snapshot! })
  const hooks = { signal: new AbortController().signal, onProgress: () => {} }
  const dataset = await makeDataset(twins.store, { plan, snapshot: snapshot!, files, code: null }, hooks)
  return { store: twins.store, files, dataset }
}

const placeOf = ({ partition, offset }: Pick<TracedRow, 'partition' | 'offset'>) => `${partition}/${offset}`

test('traced rows are the dataset, row by row', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anEvent, { maxLength: 30 }), { maxLength: 3 }), async (rounds) => {
      const { store, files, dataset } = await ingested(rounds)
      const rows: TracedRow[] = []
      for await (const row of traceRows(store, { plan, files, wanted: ALL })) rows.push(row)

      const { accounting } = dataset
      const count = (fate: Fate): number => rows.filter((row) => row.fate === fate).length
      expect(rows).toHaveLength(accounting.in)
      expect(count('duplicate')).toBe(accounting.duplicates)
      expect(count('quarantined') + count('dropped') + count('undecoded')).toBe(accounting.rejected)
      const byRule = Object.entries(accounting.rejectedBy).filter(([, taken]) => taken > 0)
      const traced = Object.groupBy(
        rows.filter(({ rule }) => rule !== null),
        ({ rule }) => rule!,
      )
      expect(Object.fromEntries(Object.entries(traced).map(([rule, of]) => [rule, of!.length]))).toEqual(
        Object.fromEntries(byRule),
      )

      const manifest = await readJson<DatasetManifest>(store, dataset)
      for (const split of [...SPLITS, null]) {
        const parts = split === null ? manifest.quarantine : manifest.parts[split]
        const inParts: string[] = []
        for (const part of parts) inParts.push(...placesIn(await readColumns(store, part)))
        const told = rows.filter((row) => (split === null ? row.fate === 'quarantined' : row.split === split))
        expect(told.map(placeOf)).toEqual(inParts)
      }
      for (const { first, id } of rows.filter(({ fate }) => fate === 'duplicate')) {
        expect(rows.find((row) => placeOf(row) === placeOf(first!))).toMatchObject({ fate: 'kept', id })
      }
    }),
    { numRuns: 40 },
  )
})

test('the rows of an id are those of the whole lake', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anEvent, { minLength: 1, maxLength: 30 }), { maxLength: 3 }), async (rounds) => {
      const { store, files } = await ingested(rounds)
      const rows: TracedRow[] = []
      for await (const row of traceRows(store, { plan, files, wanted: ALL })) rows.push(row)
      for (const id of new Set(rows.flatMap((row) => row.id ?? []))) {
        const found = await findId(store, { plan, segments: files.segments, id })
        expect(traceId(found!, { plan, arrivals: files.arrivals })).toEqual(rows.filter((row) => row.id === id))
      }
      expect(await findId(store, { plan, segments: files.segments, id: 'e' })).toBeNull()
    }),
    { numRuns: 15 },
  )
})

function placesIn({ rows, byName }: Awaited<ReturnType<typeof readColumns>>): string[] {
  const { _partition: partitions, _offset: offsets } = byName
  if (partitions?.type !== 'int32' || offsets?.type !== 'int64') throw new Error('a part')
  return Array.from({ length: rows }, (_, row) => `${partitions.values[row]}/${offsets.values[row]}`)
}
