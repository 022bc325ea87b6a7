// The decisions of the demo that need no server: what is still to be sent, what the report says, how time adds up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Act, toAct, toReport } from '../../cli/demo/report.ts'
import { missingEvents } from '../../cli/demo/send-missing.ts'
import { startStopwatch } from '../../cli/demo/stopwatch.ts'
import type { RetrainResult } from '../../schemas/run.ts'

describe('missing events', () => {
  const events = Array.from({ length: 5_000 }, (_, i) => i)

  test('an empty topic gets all', () => expect(missingEvents(events, 0)).toEqual(events))
  test('earlier batches alone get all', () => expect(missingEvents(events, -10)).toEqual(events))
  test('a whole batch gets nothing', () => expect(missingEvents(events, 5_000)).toEqual([]))
  test('more than the batch gets nothing', () => expect(missingEvents(events, 9_000)).toEqual([]))

  test('nothing is missing after a kill', () => {
    // whole batches of 2,000 arrived, then any part of the next one
    const kill = fc.record({ whole: fc.integer({ min: 0, max: 2 }), part: fc.integer({ min: 0, max: 1_999 }) })
    fc.assert(
      fc.property(kill, ({ whole, part }) => {
        const arrived = whole * 2_000
        fc.pre(arrived + part < events.length)
        expect(missingEvents(events, arrived + part)[0]).toBeLessThanOrEqual(arrived)
      }),
    )
  })
})

test('times of the same name add up', async () => {
  let nowMs = 0
  const watch = startStopwatch(() => nowMs)
  for (const ms of [1_000, 500]) {
    await watch.time('send', async () => {
      nowMs += ms
    })
  }
  watch.add('train', 2_340)
  await expect(watch.time('serve', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  expect(watch.seconds()).toEqual({ send: 1.5, train: 2.3, serve: 0 })
  expect(watch.totalS()).toBe(1.5)
})

const RESULT: RetrainResult = {
  pipeline: 'p',
  reason: 'rows',
  snapshot: null,
  ingested: [],
  dataset: null,
  candidate: null,
  evaluation: null,
  champion: null,
  outcome: 'nothing new',
  promotion: null,
  stages: [{ stage: 'ingest', reused: true, why: '', ms: 1_234 }],
}

test('the report shows the last act on top', () => {
  const act = (number: number, champion: string): Act =>
    toAct(RESULT, { act: number, outcome: 'approved', champion, prediction: { value: number } })
  const report = toReport('p', [act(1, 'a'), act(2, 'b')], { total: 9 })
  expect(Object.keys(report)).toEqual([
    ...['pipeline', 'snapshot', 'ingested', 'rows', 'dataset', 'candidate', 'metrics', 'championMetrics', 'verdict'],
    ...['gates', 'champion', 'prediction', 'seconds', 'acts'],
  ])
  expect(report).toMatchObject({ champion: 'b', prediction: { value: 2 }, seconds: { total: 9 } })
  expect(report.acts.map((each) => [each.act, each.champion])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(report.acts[0]!.seconds).toEqual({ ingest: 1.2 })
})
