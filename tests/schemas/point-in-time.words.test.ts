// Times in words.
import { expect, test } from 'vitest'
import { showDistance, showSpan, showTime } from '../../schemas/point-in-time.ts'

const HOUR = 3_600_000
const AT = Date.UTC(2026, 11, 7, 14, 0, 59)

test('a time has day, minute and zone', () => {
  expect(showTime(AT)).toBe('Mon 7 Dec 2026, 14:00 UTC')
})

test.each([
  [59_999, 'less than a minute'],
  [60_000, '1 minute'],
  [HOUR - 1, '59 minutes'],
  [HOUR, '1 hour'],
  [47.9 * HOUR, '47 hours'],
  [48 * HOUR, '2 days'],
  [7 * 24 * HOUR - 1, '6 days'],
])('%d ms are %s', (ms, words) => {
  expect(showSpan(ms)).toBe(words)
})

test('before and after are told apart', () => {
  expect(showDistance(AT, AT - 144 * HOUR)).toBe('in 6 days')
  expect(showDistance(AT, AT + 2 * HOUR)).toBe('2 hours ago')
})
