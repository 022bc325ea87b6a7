// Rejects that decode after a fix: sent through again, once, in their places.
import { expect, test } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { compactSource } from '../../lake/snapshots/compact.ts'
import { rangesInForce } from '../../lake/snapshots/ranges-in-force.ts'
import { readRejects, writeRejects, writeSegment } from '../../lake/snapshots/segment.ts'
import { commitSnapshot, headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { RangeResult, Reject } from '../../schemas/segment.ts'
import { makeDataset } from '../../stages/clean/make-dataset.ts'
import { replayRejects } from '../../stages/ingest/replay-rejects.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { openDecoder } from '../../stream/decode.ts'
import { readColumnsOfRange } from '../../stream/ingest.ts'
import type { RecordSink } from '../../stream/record.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins } from './twins.ts'

const plan = aPlan({
  columns: [
    { name: 'id', kind: 'id' },
    { name: 'x', kind: 'number' },
    { name: 'y', kind: 'flag' },
    { name: 'kind', kind: 'category' },
  ],
})
const source = sourceOf(plan, 'cluster')
const events = demoEvents(60).map((event, i) => ({
  ...event,
  value: i % 20 === 19 ? 'never JSON' : event.value.replace('{', `{"kind":"k${(i * 7) % 5}",`),
}))

/** The lake as an earlier decoder left it, which refused every third record; two ranges. */
async function refusedByEarlierDecoder(store: Store, broker: ReturnType<typeof openTwins>['broker']) {
  await broker.createTopic({ topic: 'demo', partitions: 1 })
  broker.append('demo', 0, events)
  const results: RangeResult[] = []
  for (const [start, end] of [
    [0, 30],
    [30, 60],
  ] as const) {
    const range = { topic: 'demo', partition: 0, start, end }
    results.push(await ingestRefusing(store, broker, range))
  }
  await commitSnapshot({ store, source, results, commitId: 'run-1' })
}

async function ingestRefusing(
  store: Store,
  broker: ReturnType<typeof openTwins>['broker'],
  range: RangeResult['range'],
): Promise<RangeResult> {
  const refused: Reject[] = []
  const refuseThird =
    (sink: RecordSink): RecordSink =>
    (record) => {
      const value = record.bytes.subarray(record.valueStart, record.valueStart + record.valueLength)
      const key = record.bytes.subarray(record.keyStart, record.keyStart + record.keyLength)
      if (record.offset % 3 !== 0) return sink(record)
      const { offset, timestamp } = record
      const copies = { key: new Uint8Array(key), value: new Uint8Array(value) }
      refused.push({ partition: 0, offset, timestamp, ...copies, reasons: ['an old bug'] })
      // the sink has to see a record for every offset, so it gets one that no decoder takes
      sink({ ...record, bytes: Buffer.from('!'), keyStart: 0, keyLength: 0, valueStart: 0, valueLength: 1 })
    }
  const refusing: typeof broker = {
    ...broker,
    readPieces: (at, openSink, options) => broker.readPieces(at, () => refuseThird(openSink()), options),
  }
  const pieces = readColumnsOfRange({ broker: refusing, range, columns: plan.columns, maxBytes: 1_000_000 })
  for await (const piece of pieces) {
    const others = piece.rejects.filter(({ offset }) => offset % 3 !== 0)
    const rejects = [...refused, ...others].sort((a, b) => a.offset - b.offset)
    return {
      range,
      holes: [],
      segment: await writeSegment(store, { sourceId: source.id, range, columns: piece.columns! }),
      rejects: await writeRejects(store, { sourceId: source.id, range, rejects }),
    }
  }
  throw new Error('a range has a piece')
}

async function filesInForce(store: Store) {
  const { snapshot } = (await headSnapshot({ store, source }))!
  return { snapshot, ...(await snapshotSegments({ store, snapshot })) }
}

test('what decodes now becomes rows in place', async () => {
  const { store, broker } = openTwins()
  await refusedByEarlierDecoder(store, broker)
  expect((await filesInForce(store)).snapshot).toMatchObject({ rows: 38, rejects: 22 })
  expect(await replayRejects({ store }, { plan })).toEqual({
    tried: 22,
    decoded: 19,
    withoutHeaders: 0,
    ranges: 2,
    version: 2,
  })
  const after = await filesInForce(store)
  expect(after.snapshot).toMatchObject({ version: 2, rows: 57, rejects: 3 })
  const offsets: number[] = []
  for (const segment of after.segments) {
    const { _offset } = (await readColumns(store, segment)).byName
    if (_offset?.type === 'int64') offsets.push(...Array.from(_offset.values, Number))
  }
  expect(offsets).toEqual(events.flatMap((_, i) => (i % 20 === 19 ? [] : [i])))
})

test('the files are those of a fresh ingest', async () => {
  const { store, broker } = openTwins()
  await refusedByEarlierDecoder(store, broker)
  await replayRejects({ store }, { plan })
  const fresh = openTwins({ limits: { maxRangeRows: 30, maxRangeBytes: 1_000_000 } })
  await fresh.broker.createTopic({ topic: 'demo', partitions: 1 })
  fresh.broker.append('demo', 0, events)
  const snapshot = await ingestAll(fresh, plan, 'run-1')
  const expected = await snapshotSegments({ store: fresh.store, snapshot })
  const found = await filesInForce(store)
  expect(found.segments).toEqual(expected.segments)
  expect(found.rejects).toEqual(expected.rejects)
})

test('a second replay writes nothing', async () => {
  const twins = openTwins()
  await refusedByEarlierDecoder(twins.store, twins.broker)
  await replayRejects(twins, { plan })
  const keys = await twins.keys()
  expect(await replayRejects(twins, { plan })).toEqual({
    tried: 3,
    decoded: 0,
    withoutHeaders: 0,
    ranges: 0,
    version: null,
  })
  expect(await twins.keys()).toEqual(keys)
})

test('two replays at once commit one', async () => {
  const { store, broker } = openTwins()
  await refusedByEarlierDecoder(store, broker)
  const both = await Promise.allSettled([replayRejects({ store }, { plan }), replayRejects({ store }, { plan })])
  expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  expect((await filesInForce(store)).snapshot).toMatchObject({ version: 2, rows: 57, rejects: 3 })
})

test('compaction before or after changes no row', async () => {
  const digests = []
  for (const order of ['before', 'after'] as const) {
    const twins = openTwins()
    const { store } = twins
    await refusedByEarlierDecoder(store, twins.broker)
    const compact = () => compactSource({ store, sourceId: source.id, targetBytes: 1_000_000, minRanges: 2 })
    if (order === 'before') await compact()
    await replayRejects({ store }, { plan })
    if (order === 'after') await compact()
    const { snapshot, segments, rejects } = await filesInForce(store)
    expect([segments.length, rejects.length, snapshot.rows, snapshot.rejects]).toEqual([1, 1, 57, 3])
    const { result } = await asActivity(() => twins.activities.cleanSnapshot({ plan, snapshot }))
    digests.push([result.value.digest, segments[0]!.sha256, rejects[0]!.sha256])
  }
  expect(digests[0]).toEqual(digests[1])
})

test('what was cleaned before a replay is cleaned again', async () => {
  const { store, broker } = openTwins()
  await refusedByEarlierDecoder(store, broker)
  const clean = async (code: string | null) => {
    const { snapshot, ...files } = await filesInForce(store)
    const hooks = { signal: new AbortController().signal, onProgress: () => {} }
    return await makeDataset(store, { plan, snapshot, files, code }, hooks)
  }
  expect((await clean('code')).accounting).toMatchObject({ clean: 38, rejected: 22 })
  await replayRejects({ store }, { plan })
  expect((await clean('code')).accounting).toMatchObject({ clean: 57, rejected: 3 })
  expect(await clean('code')).toEqual(await clean(null))
})

test('every offset counts once in the fold', async () => {
  const { store, broker } = openTwins()
  await refusedByEarlierDecoder(store, broker)
  await replayRejects({ store }, { plan })
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(source.id) }).entries()
  const results = rangesInForce(links.map(({ entry }) => entry.change))
  expect(results.map(({ range }) => [range.start, range.end])).toEqual([
    [0, 30],
    [30, 60],
  ])
  const counted = results.map(({ segment, rejects }) => (segment?.rows ?? 0) + (rejects?.rows ?? 0))
  expect(counted).toEqual([30, 30])
})

const headerPlan = aPlan({ columns: [...plan.columns, { name: 'h', kind: 'text', maxBytes: 9, header: 'h' }] })
/** One header, h: "v", as a batch holds it; lengths are zigzag varints. */
const HEADERS = Buffer.concat([Buffer.from([2, 2]), Buffer.from('h'), Buffer.from([2]), Buffer.from('v')])

/** Two rejects: one by a decoder that took ids for numbers, one of a version that kept no headers. */
async function twoRejects(store: Store): Promise<void> {
  const value = Buffer.from(events[0]!.value)
  const wrong: ColumnSpec[] = [{ name: 'id', kind: 'number' }]
  const decoder = openDecoder({ source: headerPlan.source, columns: wrong, partition: 0, registry: null })
  const bytes = Buffer.concat([value, HEADERS])
  decoder.add({
    offset: 0,
    timestamp: 1,
    bytes,
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: value.length,
    headersStart: value.length,
    headersEnd: bytes.length,
  })
  const [withHeaders] = decoder.finish().rejects
  const without = { partition: 0, offset: 1, timestamp: 1, key: null, value, reasons: ['an old bug'] }
  const range = { topic: 'demo', partition: 0, start: 0, end: 2 }
  const { id: sourceId } = sourceOf(headerPlan, 'cluster')
  const rejects = await writeRejects(store, { sourceId, range, rejects: [withHeaders!, without] })
  const results = [{ range, segment: null, rejects, holes: [] }]
  await commitSnapshot({ store, source: sourceOf(headerPlan, 'cluster'), results, commitId: 'run-1' })
}

test('columns from headers are filled again', async () => {
  const { store } = openTwins()
  await twoRejects(store)
  const replayed = await replayRejects({ store }, { plan: headerPlan })
  expect(replayed).toMatchObject({ tried: 2, decoded: 1, withoutHeaders: 1, version: 2 })
  const head = await headSnapshot({ store, source: sourceOf(headerPlan, '') })
  const { segments, rejects } = await snapshotSegments({ store, snapshot: head!.snapshot })
  const { h } = (await readColumns(store, segments[0]!)).byName
  expect(h?.type === 'utf8' && Buffer.from(h.bytes).toString()).toBe('v')
  expect(await readRejects(store, rejects[0]!)).toMatchObject([{ offset: 1, reasons: ['an old bug'] }])
  expect(await replayRejects({ store }, { plan: headerPlan })).toMatchObject({ tried: 1, decoded: 0 })
})
