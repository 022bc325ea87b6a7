// Numbers of Keras and others, made by the scripts beside them in tests/fixtures/ml, and how far ours are from them.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** `name`: of the file, without ".json". */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/ml/${name}.json`, import.meta.url), 'utf8')) as T
}

/** Largest difference, absolute below 1 and relative above; as many values on both sides. */
export function distance(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length)
  return Math.max(0, ...expected.map((x, i) => Math.abs(found[i]! - x) / Math.max(1, Math.abs(x))))
}
