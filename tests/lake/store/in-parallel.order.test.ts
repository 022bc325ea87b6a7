// A few requests at a time: results in order, never too many at once, and nothing new after an error.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inParallel } from '../../../lake/store/in-parallel.ts'

test('results come in the order of the items, whatever ends first', async () => {
  const items = fc.uniqueArray(fc.nat(), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (numbers, lanes, scheduler) => {
      let [running, most] = [0, 0]
      const work = async (item: number) => {
        most = Math.max(most, ++running)
        await scheduler.schedule(Promise.resolve())
        running--
        return `did ${item}`
      }
      const results = inParallel(numbers, work, lanes)
      await scheduler.waitFor(results)
      expect(await results).toEqual(numbers.map((item) => `did ${item}`))
      expect(most).toBe(Math.min(lanes, numbers.length))
    }),
  )
})

test('an error starts no further work', async () => {
  const begun: number[] = []
  const slow = Promise.withResolvers<void>()
  const work = async (item: number) => {
    begun.push(item)
    if (item === 0) await slow.promise
    if (item === 1) throw new RangeError('one')
  }
  const all = inParallel([0, 1, 2, 3, 4], work, 2)
  await expect(all).rejects.toThrow('one')
  slow.resolve()
  await new Promise((turn) => setImmediate(turn)) // in which the other lane would go on
  expect(begun).toEqual([0, 1])
})
