// The clean activity on the memory twins.
import { expect, test } from 'vitest'
import { readColumns } from '../../lake/columns/read.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { makeDataset } from '../../stages/clean/make-dataset.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins, type Twins } from './twins.ts'

const plan = aPlan()

/** 300 events, of which one is poison and one repeats an id; ingested in `cuts`. */
async function ingested(cuts: readonly number[], changes: Parameters<typeof openTwins>[0] = {}) {
  const twins = openTwins(changes)
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  const events = [...demoEvents(298), { key: 'p', value: '{', timestamp: 1 }, demoEvents(1)[0]!]
  let snapshot = null
  for (const [index, end] of cuts.entries()) {
    twins.broker.append('demo', 0, events.slice(cuts[index - 1] ?? 0, end))
    snapshot = await ingestAll(twins, plan, `run-${index}`)
  }
  return { twins, snapshot: snapshot! }
}

async function clean(twins: Twins, snapshot: Awaited<ReturnType<typeof ingested>>['snapshot'], changed = plan) {
  return (await asActivity(() => twins.activities.cleanSnapshot({ plan: changed, snapshot }))).result
}

test('every record is accounted for', async () => {
  const { twins, snapshot } = await ingested([300])
  const { value, reused, why } = await clean(twins, snapshot)
  expect({ reused, why }).toEqual({ reused: false, why: 'first run' })
  expect(value.accounting).toMatchObject({ in: 300, clean: 298, rejected: 1, duplicates: 1, rejectedBy: { decode: 1 } })
})

test('the manifest points at every clean row', async () => {
  const { twins, snapshot } = await ingested([300])
  const { value } = await clean(twins, snapshot)
  const manifest = await readJson<DatasetManifest>(twins.store, value)
  const parts = [...manifest.parts.train, ...manifest.parts.validate, ...manifest.parts.test]
  const rows = await Promise.all(parts.map(async (part) => (await readColumns(twins.store, part)).rows))
  expect(rows.reduce((total, count) => total + count, 0)).toBe(298)
  expect(manifest.lineage.coverage).toEqual([{ partition: 0, start: 0, end: 300 }])
})

test('a cancellation ends it between two segments', async () => {
  const { twins, snapshot } = await ingested([100, 200, 300])
  const stop = new AbortController()
  const places: unknown[] = []
  const onProgress = (place: object) => {
    places.push(place)
    stop.abort(new Error('cancelled'))
  }
  const files = await snapshotSegments({ store: twins.store, snapshot })
  const cleaning = makeDataset(twins.store, { plan, snapshot, files, code: null }, { signal: stop.signal, onProgress })
  await expect(cleaning).rejects.toThrow('cancelled')
  expect(places).toEqual([{ ids: 1, of: files.segments.length }])
})

test('any cut of the offsets gives one dataset', async () => {
  const whole = await ingested([300])
  const pieces = await ingested([17, 100, 299, 300], { limits: { maxRangeRows: 7, maxRangeBytes: 400 } })
  const digests = [await clean(whole.twins, whole.snapshot), await clean(pieces.twins, pieces.snapshot)].map(
    ({ value }) => value.digest,
  )
  expect(digests[0]).toBe(digests[1])
})

test('the same inputs are not cleaned twice', async () => {
  const { twins, snapshot } = await ingested([300])
  const first = await clean(twins, snapshot)
  const before = await twins.keys()
  const second = await clean(twins, snapshot)
  expect(second).toMatchObject({ value: first.value, reused: true })
  expect(second.why).toContain('inputs unchanged')
  expect(await twins.keys()).toEqual(before)
})

test('a changed gate does not clean again', async () => {
  const { twins, snapshot } = await ingested([300])
  await clean(twins, snapshot)
  expect((await clean(twins, snapshot, aPlan({ gates: [] }))).reused).toBe(true)
})

test('a changed rule cleans again and says so', async () => {
  const { twins, snapshot } = await ingested([300])
  await clean(twins, snapshot)
  const rule = {
    name: 'x is small',
    action: 'drop',
    unless: { check: 'between', column: 'x', low: -5, high: 5 },
  } as const
  const outcome = await clean(twins, snapshot, aPlan({ rules: [rule] }))
  expect(outcome.reused).toBe(false)
  expect(outcome.why).toMatch(/^recipe changed: /)
  expect(outcome.why).toContain('rules["x is small"] is new: {"name":"x is small"')
})

test('changed code cleans again', async () => {
  const { twins, snapshot } = await ingested([300])
  await clean(twins, snapshot)
  const code = { clean: 'clean-2', train: 'train-1', evaluate: 'evaluate-1' }
  const later = openTwins({ store: twins.store, code })
  expect(await clean(later, snapshot)).toMatchObject({ reused: false, why: 'code changed: clean-1 → clean-2' })
})
