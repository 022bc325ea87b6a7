// Which run a person means: its number in the list, a model's digest, or the champion.
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { readLedger } from '../ledger.ts'
import type { Store } from '../store/store.ts'
import { type MadeRun, madeRuns, type PipelineRecords, readRecords } from './made-runs.ts'

export interface PipelineRuns {
  readonly pipeline: string
  readonly records: PipelineRecords
  /** oldest first */
  readonly runs: readonly MadeRun[]
  /** digest of the model in service */
  readonly champion: string | null
}

export async function readRuns(store: Store, pipeline: string): Promise<PipelineRuns> {
  const [records, { state }] = await Promise.all([readRecords(store, pipeline), readLedger(store, pipeline)])
  return { pipeline, records, runs: madeRuns(records), champion: state.champion }
}

/** Shorter than any digest that is shown; fewer digits are numbers of runs, which nobody has so many of. */
const MIN_DIGITS = 6
export const DIGEST_START = /^[0-9a-f]{6,64}$/

/** Throws RUN_UNKNOWN, and DATASET_MISSING when nothing ever ran. Of several runs of one model the first, which trained it. */
export function findRun(runs: PipelineRuns, name: string): MadeRun {
  newestRun(runs)
  const found = lookUp(runs, name)
  if (typeof found !== 'string') return found
  const expected = `a number from 1 to ${runs.runs.length}, the first digits of a model's digest (at least ${MIN_DIGITS}), or champion`
  throw failure('RUN_UNKNOWN', { pipeline: runs.pipeline, name, expected, found })
}

/** The newest one. Throws DATASET_MISSING when nothing ever ran. */
export function newestRun({ pipeline, runs }: PipelineRuns): MadeRun {
  const newest = runs.at(-1)
  if (newest === undefined) throw failure('DATASET_MISSING', { pipeline })
  return newest
}

/** A text: what is wrong. */
function lookUp({ runs, champion }: PipelineRuns, name: string): MadeRun | string {
  if (/^\d+$/.test(name) && name.length < MIN_DIGITS) return runs[Number(name) - 1] ?? `${runs.length} runs`
  if (name === 'champion' && champion === null) return 'no champion'
  const start = name === 'champion' ? (champion ?? '') : name
  if (!DIGEST_START.test(start)) return 'something else'
  const models = new Set(
    runs.flatMap(({ train }) => (train?.output.digest.startsWith(start) ? train.output.digest : [])),
  )
  if (models.size > 1) return `${models.size} models: ${[...models].map(shortDigest).join(', ')}`
  return runs.find(({ train }) => train !== null && models.has(train.output.digest)) ?? 'no model of such a digest'
}
