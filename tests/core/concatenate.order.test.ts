// Float arrays one behind the other.
import { expect, test } from 'vitest'
import { concatenate } from '../../core/concatenate.ts'

test('keeps the order, of any lengths', () => {
  const arrays = [Float32Array.of(1, 2), new Float32Array(0), Float32Array.of(3), Float32Array.of(4, 5, 6)]
  expect([...concatenate(arrays)]).toEqual([1, 2, 3, 4, 5, 6])
})

test('is a copy', () => {
  const only = Float32Array.of(1)
  const all = concatenate([only])
  all[0] = 2
  expect(only[0]).toBe(1)
})

test('of none is empty', () => {
  expect(concatenate([])).toEqual(new Float32Array(0))
})
