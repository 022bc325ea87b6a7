// Four kinds of tests: unit (no servers), lowered (some of them, computed as on another processor), live (real Kafka, S3, Temporal), e2e
// (the whole product, a browser too).
import { defineConfig } from 'vitest/config'

const LIVE = ['tests/**/*.live.test.ts']
const LOWERED = ['tests/**/*.lowered.test.ts']

/** Tests that compare ways of computing, TensorFlow's among them: see tests/ml/tolerance.ts. */
const COMPARING = [
  'tests/conformance/backend.tensorflow.test.ts',
  'tests/ml/backend.choice.test.ts',
  'tests/ml/export/export.graph-model.test.ts',
  'tests/ml/graph/graph.{engine,program,sizes}.test.ts',
  'tests/ml/model/passes.compiled.test.ts',
  'tests/ml/networks/networks.{compiled,golden,stepper}.test.ts',
  'tests/ml/operations/gradient-norm.golden.test.ts',
  'tests/ml/training/loop.explodes.test.ts',
  'tests/pipelines/diagnosis.quality.test.ts',
  'tests/serving/loader.compiled.test.ts',
]

/** What TensorFlow does by itself on a processor that has AVX2 at most, such as Zen 3, and one core. */
const OTHER_PROCESSOR = { TF_ENABLE_ONEDNN_OPTS: '0', ONEDNN_MAX_CPU_ISA: 'AVX2', TF_NUM_INTRAOP_THREADS: '1' }

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
          exclude: [...LIVE, ...LOWERED, 'tests/end-to-end/**'],
          pool: 'forks',
          maxWorkers: '100%',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lowered',
          sequence: { groupOrder: 1 },
          include: [...COMPARING, ...LOWERED],
          env: OTHER_PROCESSOR, // of each file's own process, before the library is loaded
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
