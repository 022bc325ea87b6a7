// xxHash of 32 bits: known values, and the same in any cut.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openXxh32, xxh32 } from '../../../../stream/kafka/inflate/xxh32.ts'

// as the tests of other implementations have them; linked.lz4 has more, by the lz4 program
test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('of "%s"', (text, expected) => {
  expect(xxh32(Buffer.from(text))).toBe(expected)
})

test('any cut gives the same', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 }), (parts) => {
      const hash = openXxh32()
      for (const part of parts) hash.update(part)
      expect(hash.digest()).toBe(xxh32(Buffer.concat(parts)))
    }),
  )
})
