// Stop strings in a text that comes in pieces: the same as in the whole text.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stopWatch } from '../../../ml/text/stop-strings.ts'

function fed(pieces: readonly string[], stop: readonly string[]): { text: string; stopped: boolean } {
  const watch = stopWatch(stop)
  let text = ''
  for (const piece of pieces) {
    const added = watch.add(piece)
    text += added.text
    if (added.stopped) return { text, stopped: true }
  }
  return { text: text + watch.rest(), stopped: false }
}

const few = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 })

it('pieces stop where the whole text stops', () => {
  fc.assert(
    fc.property(
      fc.array(few),
      fc.array(
        few.filter((text) => text !== ''),
        { maxLength: 3 },
      ),
      (pieces, stop) => {
        const whole = pieces.join('')
        const ends = stop
          .map((each) => [whole.indexOf(each), whole.indexOf(each) + each.length] as const)
          .filter(([at]) => at >= 0)
        const found = fed(pieces, stop)
        if (ends.length === 0) expect(found).toEqual({ text: whole, stopped: false })
        else {
          expect(found.stopped).toBe(true)
          expect(whole.startsWith(found.text)).toBe(true)
          expect(stop.some((each) => found.text.includes(each))).toBe(false)
          expect(ends.map(([at]) => at)).toContain(found.text.length)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

it('holds back only what may become a stop', () => {
  const watch = stopWatch(['###'])
  expect(watch.add('a#').text).toBe('a')
  expect(watch.add('#b').text).toBe('##b')
  expect(watch.add('##').text).toBe('')
  expect(watch.rest()).toBe('##')
})
