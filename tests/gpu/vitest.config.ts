// Tests that want a GPU; apart from `npm test`, which must pass without one.
import path from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: path.resolve(import.meta.dirname, '..', '..'),
  test: { name: 'gpu', include: ['tests/gpu/*.gpu.ts'], pool: 'forks', fileParallelism: false, testTimeout: 60_000 },
})
