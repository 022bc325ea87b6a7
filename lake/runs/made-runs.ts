// What the runs of a pipeline made, from the records of its stages alone: the bucket remembers longer than Temporal does.
import type { DatasetRef } from '../../schemas/dataset.ts'
import type { ModelRef } from '../../schemas/model.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import { type StageRecord, stageRecords } from '../memo.ts'
import type { Store } from '../store/store.ts'

export type VersionedStage = 'clean' | 'train' | 'evaluate'

/** Results that came together. A run that found everything done made nothing, and is none of these. */
export interface MadeRun {
  /** 1 for the first; later runs change no number */
  readonly number: number
  /** when its last stage ended, RFC 3339, UTC; null: records from before it was noted */
  readonly at: string | null
  readonly clean: StageRecord<DatasetRef> | null
  readonly train: StageRecord<ModelRef> | null
  readonly evaluate: StageRecord<EvaluationRef> | null
  /** stages that this run did; what else it has was there before */
  readonly made: readonly VersionedStage[]
}

export interface PipelineRecords {
  readonly clean: readonly StageRecord<DatasetRef>[]
  readonly train: readonly StageRecord<ModelRef>[]
  readonly evaluate: readonly StageRecord<EvaluationRef>[]
}

/** By the time of their end, oldest first. Throws OBJECT_CORRUPT. */
export async function readRecords(store: Store, pipeline: string): Promise<PipelineRecords> {
  const [clean, train, evaluate] = await Promise.all([
    stageRecords<DatasetRef>(store, { pipeline, stage: 'clean' }),
    stageRecords<ModelRef>(store, { pipeline, stage: 'train' }),
    stageRecords<EvaluationRef>(store, { pipeline, stage: 'evaluate' }),
  ])
  return { clean: byTime(clean), train: byTime(train), evaluate: byTime(evaluate) }
}

type Chain = Pick<MadeRun, VersionedStage>

/** Oldest first. Pure. */
export function madeRuns({ clean, train, evaluate }: PipelineRecords): MadeRun[] {
  const judged: Chain[] = evaluate.map((record) => {
    const { model, dataset } = record.inputs
    const trained = newestBefore(train, record, ({ output }) => output.digest === model && output.dataset === dataset)
    return { clean: datasetOf(clean, dataset, trained ?? record), train: trained, evaluate: record }
  })
  const taken = takenBy(judged)
  const trained: Chain[] = train
    .filter((record) => !taken.has(record))
    .map((record) => ({ clean: datasetOf(clean, record.output.dataset, record), train: record, evaluate: null }))
  const used = takenBy([...judged, ...trained])
  const cleaned: Chain[] = clean
    .filter((record) => !used.has(record))
    .map((record) => {
      const [known] = [...judged, ...trained].filter((chain) => chain.train?.output.dataset === record.output.digest)
      return { train: null, evaluate: null, ...known, clean: record }
    })
  return numbered([...judged, ...trained, ...cleaned])
}

/** Of several records of one dataset the one that was newest when it was taken. */
function datasetOf(clean: PipelineRecords['clean'], dataset: string | undefined, taker: StageRecord<unknown>) {
  return newestBefore(clean, taker, ({ output }) => output.digest === dataset)
}

/** Records are by time. One that ended later is better than none: clocks of two workers may differ. */
function newestBefore<T>(
  records: readonly StageRecord<T>[],
  { at = '' }: Pick<StageRecord<unknown>, 'at'>,
  wanted: (record: StageRecord<T>) => boolean,
): StageRecord<T> | null {
  const found = records.filter(wanted)
  return found.findLast((record) => (record.at ?? '') <= at) ?? found[0] ?? null
}

const recordsOf = ({ clean, train, evaluate }: Chain): StageRecord<unknown>[] =>
  [clean, train, evaluate].filter((record) => record !== null)

const takenBy = (chains: readonly Chain[]): Set<StageRecord<unknown>> => new Set(chains.flatMap(recordsOf))

function numbered(chains: readonly Chain[]): MadeRun[] {
  const ended = (chain: Chain): string => recordsOf(chain).reduce((last, { at = '' }) => (at > last ? at : last), '')
  const seen = new Set<StageRecord<unknown>>()
  const sorted = chains.toSorted((a, b) => compare(ended(a), ended(b)) || recordsOf(b).length - recordsOf(a).length)
  return sorted.map((chain, i) => {
    const made = (['clean', 'train', 'evaluate'] as const).filter((stage) => {
      const record = chain[stage]
      if (record === null || seen.has(record)) return false
      seen.add(record)
      return true
    })
    return { number: i + 1, at: ended(chain) || null, ...chain, made }
  })
}

function byTime<T>(records: readonly StageRecord<T>[]): StageRecord<T>[] {
  return records.toSorted((a, b) => compare(a.at ?? '', b.at ?? '') || compare(a.outputDigest, b.outputDigest))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
