// CRC-32C: known values, and the native one against the JavaScript one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, crc32cInJavaScript } from '../../core/crc32c.ts'

// RFC 3720, appendix B.4
test.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
])('matches the published values', (bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
  expect(crc32cInJavaScript(bytes)).toBe(expected)
})

test('native and JavaScript agree', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32c(bytes) === crc32cInJavaScript(bytes)))
})
