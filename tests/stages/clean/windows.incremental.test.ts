// Datasets of a growing source: only new windows are cleaned, and nobody can tell from the bytes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compactSource } from '../../../lake/snapshots/compact.ts'
import { readJson } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import type { DatasetManifest } from '../../../schemas/dataset.ts'
import { faultyStore } from '../../lake/faulty-store.ts'
import { clean, commit, commitArbitrary, openSource, PLAN, WIDER } from './grown-source.ts'

test.each([PLAN, WIDER])('after every commit the dataset is the one made from scratch', async (plan) => {
  await fc.assert(
    fc.asyncProperty(fc.array(commitArbitrary, { minLength: 1, maxLength: 5 }), async (commits) => {
      const twins = await openSource()
      for (const [i, events] of commits.entries()) {
        const snapshot = await commit(twins, events, `run-${i}`)
        const whole = await clean(twins.store, snapshot, null, plan)
        expect(await clean(twins.store, snapshot, 'code', plan)).toEqual(whole)
        expect(await clean(twins.store, snapshot, 'code', plan)).toEqual(whole)
      }
    }),
    { numRuns: 25 },
  )
})

test('commits that are skipped, and compaction, change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ events: commitArbitrary, isCleaned: fc.boolean(), isCompacted: fc.boolean() }), {
        minLength: 2,
        maxLength: 5,
      }),
      async (commits) => {
        const twins = await openSource()
        let snapshot = await commit(twins, [], 'run-first')
        const sourceId = snapshot.source.id
        for (const [i, { events, isCleaned, isCompacted }] of commits.entries()) {
          snapshot = await commit(twins, events, `run-${i}`)
          if (isCleaned) await clean(twins.store, snapshot, 'code')
          if (isCompacted) await compactSource({ store: twins.store, sourceId, targetBytes: 1_000_000, minRanges: 2 })
        }
        expect(await clean(twins.store, snapshot, 'code')).toEqual(await clean(twins.store, snapshot, null))
      },
    ),
    { numRuns: 25 },
  )
})

/** Kept results of windows, groups and fits: how many keys begin so. */
async function countOf(store: Store, prefix: string): Promise<number> {
  let count = 0
  for await (const _key of store.list(prefix)) count++
  return count
}

function reading(store: Store) {
  const keys: string[] = []
  const watched = faultyStore(store, {
    get(real, key) {
      keys.push(key)
      return real(key)
    },
  })
  return { watched, keys, segments: () => keys.filter((key) => key.startsWith('segments/')) }
}

test('one new commit costs its own windows', async () => {
  const twins = await openSource()
  const many = Array.from({ length: 600 }, (_, i) => ({ partition: i % 2, id: i, time: 0, isBroken: false }))
  await clean(twins.store, await commit(twins, many, 'run-0'), 'code')
  const counts = async () => [
    await countOf(twins.store, 'stages/demo/clean-window/'),
    await countOf(twins.store, 'stages/demo/clean-tail-window/'),
  ]
  const [before] = await counts()
  const next = await commit(
    twins,
    [0, 1, 2, 3, 4, 5].map((id) => ({ partition: 0, id, time: 1, isBroken: false })),
    'run-1',
  )
  const { watched, keys, segments } = reading(twins.store)
  await clean(watched, next, 'code')
  // 400 offsets in partition 0 filled their windows: one more is full, one has begun, both in one segment
  expect(await counts()).toEqual([before! + 1, 1])
  expect(new Set(segments())).toHaveLength(1)
  // 200 windows before: twelve whole groups of sixteen and what is left of them; a record for each window would be more
  expect(keys.filter((key) => key.startsWith('stages/'))).not.toHaveLength(0)
  expect(keys.filter((key) => /\/clean-windows?\//.test(key)).length).toBeLessThan(50)
})

test('where only features change no row is read', async () => {
  const twins = await openSource()
  const snapshot = await commit(twins, [], 'run-0')
  await clean(twins.store, snapshot, 'code')
  const other = { ...PLAN, features: [{ column: 'x', encode: 'scale', log: false, clip: [0, 1] }] as const }
  const { watched, segments } = reading(twins.store)
  const dataset = await clean(watched, snapshot, 'code', other)
  expect(segments()).toEqual([])
  expect(dataset).toEqual(await clean(twins.store, snapshot, null, other))
})

test('changed code cleans every window', async () => {
  const twins = await openSource()
  const snapshot = await commit(twins, [], 'run-0')
  await clean(twins.store, snapshot, 'code')
  const { watched, segments } = reading(twins.store)
  await clean(watched, snapshot, 'other code')
  expect(segments().length).toBeGreaterThan(20)
})

test('ids that are kept decide as those in memory do', async () => {
  const twins = await openSource()
  const twice = Array.from({ length: 80 }, (_, i) => ({ partition: i % 2, id: i % 40, time: 80 - i, isBroken: false }))
  const snapshot = await commit(twins, twice, 'run-0')
  const dataset = await clean(twins.store, snapshot, 'code')
  expect(dataset.accounting.duplicates).toBeGreaterThan(30)
  const { parts } = await readJson<DatasetManifest>(twins.store, dataset)
  expect(parts.train.length).toBeGreaterThan(20)
})
