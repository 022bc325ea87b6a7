// Turns: never more at once than allowed, in order, and failures give theirs back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTurns } from '../../../lake/store/turns.ts'

describe('turns', () => {
  it('never exceed their number, and all end', async () => {
    const works = fc.array(fc.boolean(), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(works, fc.integer({ min: 1, max: 5 }), fc.scheduler(), async (fails, atOnce, scheduler) => {
        const takeTurn = createTurns(atOnce)
        const started: string[] = []
        let running = 0
        let most = 0
        const work = (name: string, fail: boolean) =>
          takeTurn(async () => {
            started.push(name)
            most = Math.max(most, ++running)
            await scheduler.schedule(Promise.resolve())
            running--
            if (fail) throw new RangeError(name)
            return name
          }).catch((error: RangeError) => error.message)
        // the second wave comes while the first one runs, waits and ends
        const outcomes = fails.map(async (fail, i) => [await work(`first ${i}`, fail), await work(`second ${i}`, fail)])
        await scheduler.waitFor(Promise.all(outcomes))
        expect(await Promise.all(outcomes)).toEqual(fails.map((_, i) => [`first ${i}`, `second ${i}`]))
        expect(most).toBe(Math.min(atOnce, fails.length))
        expect(started.filter((name) => name.startsWith('first'))).toEqual(fails.map((_, i) => `first ${i}`))
      }),
    )
  })
})
