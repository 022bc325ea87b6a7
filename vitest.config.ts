// Three kinds of tests: unit (no servers), live (real Kafka, S3, Temporal), e2e (the whole product, a browser too).
import { defineConfig } from 'vitest/config'

const LIVE = ['tests/**/*.live.test.ts']

// groupOrder: one kind after the other, so that a heavy one does not make another's time-outs expire; from 1, because
// vitest puts files of a single worker in group 0 at the end
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 1 },
          include: ['tests/**/*.test.ts'],
          exclude: [...LIVE, 'tests/end-to-end/**'],
          pool: 'forks',
          maxWorkers: '100%',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'live',
          sequence: { groupOrder: 2 },
          include: LIVE,
          exclude: ['tests/end-to-end/**'],
          globalSetup: ['tests/setup/servers.ts'],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          include: ['tests/end-to-end/*.e2e.ts'],
          // each file starts servers of its own, because it kills them
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 10 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
    ],
  },
})
