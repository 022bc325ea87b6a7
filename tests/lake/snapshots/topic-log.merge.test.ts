// Which log a chain knows after a commit.
import { expect, test } from 'vitest'
import { commitSnapshot } from '../../../lake/snapshots/snapshots.ts'
import { isOtherTopic, logAfter } from '../../../lake/snapshots/topic-log.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { range, result, SOURCE } from '../snapshot-builders.ts'

const log = (topicId: string | null, ...epochs: number[]) => ({ topicId, epochs })
const read = (...partitions: number[]): ReadonlySet<number> => new Set(partitions)

test.each([
  ['what is found first is believed', undefined, log('a', 3, 4), [0], log('a', 3, 4)],
  ['partitions that were read move on', log('a', 3, 4), log('a', 5, 6), [1], log('a', 3, 6)],
  ['added partitions are taken in', log('a', 3), log('a', 5, 6), [1], log('a', 3, 6)],
  ['added ones that were not read are unknown', log('a', 3), log('a', 5, 6), [0], log('a', 5, -1)],
  ['a commit that knows none keeps it', log('a', 3), undefined, [0], log('a', 3)],
  ['an id is kept', log('a', 3), log(null, 4), [0], log('a', 4)],
  ['an id is learnt', log(null, 3), log('a', 4), [0], log('a', 4)],
] as const)('%s', (_, before, found, partitions, expected) => {
  const head = before === undefined ? {} : { log: before }
  expect(logAfter(head, { log: found, read: read(...partitions) })).toEqual(expected)
})

test('nothing known stays nothing', () => {
  expect(logAfter(null, { log: undefined, read: read(0) })).toBeUndefined()
})

test('ranges of a former topic do not fit any more', async () => {
  const store = memoryStore()
  const commit = (commitId: string, start: number, topicId: string) =>
    commitSnapshot({
      store,
      source: SOURCE,
      results: [result(range(0, start, start + 5))],
      log: log(topicId, 0),
      commitId,
    })
  await commit('a', 0, 'a')
  await expect(commit('b', 5, 'b')).rejects.toMatchObject({ code: 'CHAIN_CONFLICT' })
  expect((await commit('c', 5, 'a')).snapshot).toMatchObject({ version: 2 })
})

test.each([
  [log('a'), log('b'), true],
  [log('a'), log('a'), false],
  [log(null), log('b'), false],
  [log('a'), log(null), false],
  [undefined, log('b'), false],
  [log('a'), undefined, false],
] as const)('another topic: %o, %o', (before, now, expected) => {
  expect(isOtherTopic(before, now)).toBe(expected)
})
