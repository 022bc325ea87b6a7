// Numbers and times in bytes against JSON.parse and Date.parse.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanNumber, scanned } from '../../../stream/bytes/scan-number.ts'
import { scanIsoTime } from '../../../stream/bytes/scan-string.ts'
import { numberText } from '../number-text.ts'

describe('scanNumber', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const bytes = Buffer.from(`${text},`)
        const after = scanNumber(bytes, 0)
        const value = parsed(text)
        if (value === undefined) expect(after).not.toBe(text.length)
        else {
          expect(after).toBe(text.length)
          expect(scanned[0]).toBe(value)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('scanIsoTime', () => {
  test('agrees with Date.parse', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^(19[6-9]|20\d|99\d|00\d)\d-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{3})?Z$/),
        (text) => {
          const scannedMs = scanIsoTime(Buffer.from(text), 0, text.length)
          if (!Number.isNaN(scannedMs)) expect(scannedMs).toBe(Date.parse(text))
        },
      ),
      { numRuns: 5000 },
    )
    expect(scanIsoTime(Buffer.from('2024-02-29T23:59:59.999Z'), 0, 24)).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 999))
  })
})

function parsed(text: string): number | undefined {
  try {
    return JSON.parse(text) as number
  } catch {
    return undefined
  }
}
