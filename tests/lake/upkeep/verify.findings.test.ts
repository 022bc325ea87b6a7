// What verification finds: every kind of damage, with the object and the one that refers to it.
import { beforeEach, describe, expect, test } from 'vitest'
import { canonicalBytes, digestOf } from '../../../core/digest.ts'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { appendLedger } from '../../../lake/ledger.ts'
import { rememberStage } from '../../../lake/memo.ts'
import { compactSource } from '../../../lake/snapshots/compact.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import { verifyLake } from '../../../lake/upkeep/verify.ts'
import { createVerifier } from '../../../lake/upkeep/verify-objects.ts'
import { verifyRange } from '../../../lake/upkeep/verify-range.ts'
import type { Columns } from '../../../schemas/columns.ts'
import { chainKey, ledgerChain, snapshotChain } from '../../../schemas/ids.ts'
import type { ChainEntry, SnapshotChange } from '../../../schemas/manifest.ts'
import { demoEvents, ingestAll, openTwins, type Twins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

const plan = aPlan()
let twins: Twins
let store: Store
let sourceId: string
beforeEach(async () => {
  twins = openTwins({ limits: { maxRangeRows: 4, maxRangeBytes: 1_000_000 } })
  store = twins.store
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  for (const run of ['run-1', 'run-2']) {
    twins.broker.append('demo', 0, [...demoEvents(5), { value: 'not JSON' }])
    twins.broker.append('demo', 1, demoEvents(3))
    const snapshot = await ingestAll(twins, plan, run)
    sourceId = snapshot.source.id
  }
})

const firstKey = async (start: string): Promise<string> => (await twins.keys()).find((key) => key.startsWith(start))!
const replace = async (key: string, bytes: Uint8Array | null): Promise<void> => {
  await store.delete(key)
  if (bytes !== null) await store.putIfAbsent(key, bytes)
}
const entryKey = (version: number): string => chainKey(snapshotChain(sourceId), version)

async function rewrite(version: number, change: (change: SnapshotChange) => SnapshotChange): Promise<void> {
  const entry = JSON.parse(Buffer.from((await store.get(entryKey(version)))!).toString()) as ChainEntry<SnapshotChange>
  await replace(entryKey(version), canonicalBytes({ ...entry, change: change(entry.change) }))
}

test('a sound lake has no problems', async () => {
  const { source, problems, objects, bytes } = await verifyLake(store, { sourceId })
  expect(problems).toEqual([])
  expect(source).toMatchObject({ versions: 2, offsets: 18, rows: 16, rejects: 2, partitions: 2 })
  expect(objects).toBeGreaterThan(8)
  expect(bytes).toBeGreaterThan(1_000)
})

test('a compacted lake has no problems', async () => {
  const { versions } = await compactSource({ store, sourceId, targetBytes: 1_000_000, minRanges: 2 })
  expect(versions).toEqual([3])
  const { source, problems } = await verifyLake(store, { sourceId })
  expect(problems).toEqual([])
  expect(source).toMatchObject({ versions: 3, offsets: 18, rows: 16, rejects: 2 })
})

describe('damage to the source', () => {
  test('a changed byte of a segment', async () => {
    const key = await firstKey('segments/')
    const bytes = (await store.get(key))!
    bytes[100]! ^= 1
    await replace(key, bytes)
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems).toMatchObject([{ code: 'OBJECT_CORRUPT', key, referredBy: entryKey(1) }])
  })

  test('a missing rejects file', async () => {
    const key = await firstKey('rejects/')
    await replace(key, null)
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems).toMatchObject([{ code: 'OBJECT_MISSING', key, referredBy: entryKey(1) }])
  })

  test('an entry that was replaced', async () => {
    await rewrite(1, (change) => ({ ...change, rows: change.rows + 1 }))
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems).toMatchObject([{ code: 'CHAIN_BROKEN', key: entryKey(2), referredBy: entryKey(1) }])
  })

  test('a count that is wrong', async () => {
    await rewrite(2, (change) => ({ ...change, rows: change.rows + 1 }))
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems).toMatchObject([{ code: 'VERIFY_MISMATCH', key: entryKey(2) }])
  })

  test('a range that stands twice', async () => {
    await rewrite(2, (change) => ({ ...change, ranges: [...change.ranges, change.ranges[0]!] }))
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems.length).toBeGreaterThan(0)
  })

  test('coverage beyond the ranges', async () => {
    await rewrite(2, (change) => ({
      ...change,
      coverage: change.coverage.map((one) => ({ ...one, end: one.end + 1 })),
    }))
    const { problems } = await verifyLake(store, { sourceId })
    expect(problems).toMatchObject([{ code: 'VERIFY_MISMATCH' }, { code: 'VERIFY_MISMATCH' }])
  })
})

test('each offset counts once', async () => {
  const range = { topic: 't', partition: 0, start: 10, end: 13 }
  const hole = (start: number, end: number) => ({ kind: 'control', start, end }) as const
  /** What is found wrong when the range's segment holds rows of these offsets. */
  const wrong = async (holes: readonly ReturnType<typeof hole>[], offsets: readonly bigint[]) => {
    const columns: Columns = {
      rows: offsets.length,
      byName: {
        _partition: { type: 'int32', values: new Int32Array(offsets.length), valid: null },
        _offset: { type: 'int64', values: BigInt64Array.from(offsets), valid: null },
      },
    }
    const segment = await putObject(store, { kind: 'segments', extension: 'arrow', bytes: encodeColumns(columns) })
    const verifier = createVerifier(store)
    const result = { range, segment: { ...segment, range, rows: offsets.length }, rejects: null, holes }
    await verifyRange(verifier, result, { referredBy: 'an entry', mayBeGone: false })
    return verifier.problems.map(({ message }) => /found (.*)$/.exec(message)?.[1])
  }
  expect(await wrong([hole(12, 13)], [10n, 11n])).toEqual([])
  expect(await wrong([], [10n, 11n])).toEqual(['offset 12 0 times'])
  expect(await wrong([hole(11, 13)], [10n, 11n])).toEqual(['offset 11 2 times'])
  expect(await wrong([], [10n, 11n, 12n, 13n])).toEqual(['a row of offset 13'])
})

describe('what a pipeline made', () => {
  const pipeline = plan.name
  const at = '2026-11-24T10:00:00Z'

  const accounting = { in: 0, clean: 0, rejected: 0, duplicates: 0 }

  async function proposed() {
    const weights = await putObject(store, { kind: 'weights', extension: 'bin', bytes: Buffer.from('weights') })
    const dataset = await putJson(store, { kind: 'datasets', value: { kind: 'dataset', accounting, parts: {} } })
    const card = await putJson(store, { kind: 'models', value: { kind: 'model', dataset: dataset.sha256, weights } })
    const evaluation = await putJson(store, { kind: 'evaluations', value: { kind: 'evaluation' } })
    const change = { kind: 'proposed', model: card.sha256, evaluation: evaluation.sha256, workflowId: 'w', at } as const
    await appendLedger(store, { pipeline, commitId: 'c', decide: () => change })
    await rememberStage(store, { pipeline, stage: 'train', inputs: { seed: '1' }, output: { model: card } })
    return { weights, dataset, card }
  }

  test('is read to its last object', async () => {
    await proposed()
    const { models, problems } = await verifyLake(store, { sourceId, pipeline })
    expect({ models, problems }).toEqual({ models: { pipeline, decisions: 1, stageRecords: 1 }, problems: [] })
  })

  test.each(['weights', 'dataset', 'card'] as const)('misses its %s', async (name) => {
    const objects = await proposed()
    const { key } = objects[name]
    await replace(key, null)
    const { problems } = await verifyLake(store, { sourceId, pipeline })
    const referredBy = name === 'card' ? chainKey(ledgerChain(pipeline), 1) : objects.card.key
    expect(problems).toMatchObject([{ code: 'OBJECT_MISSING', key, referredBy }])
  })

  test('with a stage record that was changed', async () => {
    await proposed()
    const key = await firstKey('stages/')
    const record = JSON.parse(Buffer.from((await store.get(key))!).toString()) as Record<string, unknown>
    await replace(key, canonicalBytes({ ...record, outputDigest: digestOf('another') }))
    const { problems } = await verifyLake(store, { sourceId, pipeline })
    expect(problems).toMatchObject([{ code: 'VERIFY_MISMATCH', key }])
  })
})

test('a store that does not answer is no finding', async () => {
  const away = { ...memoryStore(), list: () => openTwinsAway() }
  await expect(verifyLake(away, { sourceId })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

// biome-ignore lint/correctness/useYield: it fails before its first key
async function* openTwinsAway(): AsyncGenerator<string> {
  const { unavailable } = await import('../faulty-store.ts')
  throw unavailable('a key')
}
