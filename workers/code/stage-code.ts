// Which code decides the result of each versioned stage.
import type { Deps } from '../../activities/deps.ts'
import { readCode } from './fingerprint.ts'

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

export interface StagesCode {
  readonly code: Deps['code']
  readonly codeParts: NonNullable<Deps['codeParts']>
}

/** Fingerprints of the code that runs here, and what they were taken of; less than a second on two busy cores. */
export async function stageCode(): Promise<StagesCode> {
  const entries = Object.entries(STAGE_ENTRIES).map(
    async ([stage, source]) => [stage, await readCode({ source })] as const,
  )
  const found = await Promise.all(entries)
  return {
    code: Object.fromEntries(found.map(([stage, { fingerprint }]) => [stage, fingerprint])) as StagesCode['code'],
    codeParts: Object.fromEntries(found.map(([stage, { parts }]) => [stage, parts])) as StagesCode['codeParts'],
  }
}
