// Which code decides the result of each versioned stage.
import type { Deps } from '../../activities/deps.ts'
import { fingerprintCode } from './fingerprint.ts'

/**
 * Entries as import statements: a change that they do not reach never redoes a stage.
 * Without extensions, since the published package holds JavaScript.
 */
const STAGE_ENTRIES = {
  clean: `
    export { makeDataset } from './stages/clean/make-dataset'`,
  train: `
    export { runTrainJob } from './stages/train/train-job'
    export { runExternalTrainJob } from './stages/train/external/train-job'`,
  evaluate: `export { runEvaluateJob } from './stages/evaluate/evaluate-job'`,
} as const satisfies Record<keyof Deps['code'], string>

/** Fingerprints of the code that runs here; about 0.1 s. */
export async function stageCode(): Promise<Deps['code']> {
  const digests = Object.entries(STAGE_ENTRIES).map(
    async ([stage, source]) => [stage, await fingerprintCode({ source })] as const,
  )
  return Object.fromEntries(await Promise.all(digests)) as Deps['code']
}
