// Results of finished stages, found by the digest of their inputs; a miss says which input differs.
import { canonicalBytes, digestOf } from '../core/digest.ts'
import { failure } from '../schemas/failures.ts'
import { shortDigest, stageKey } from '../schemas/ids.ts'
import { inParallel } from './store/in-parallel.ts'
import type { Store } from './store/store.ts'

/** Earlier records that a miss is compared with; beyond that the explanation is not worth its requests. */
const MAX_COMPARED = 256

export interface StageInputs {
  readonly pipeline: string
  readonly stage: string
  /** name → digest, or another short value that decides the output */
  readonly inputs: Readonly<Record<string, string>>
}

interface StageRecord<T> {
  readonly kind: 'stage'
  readonly inputs: Readonly<Record<string, string>>
  readonly output: T
  /** sha256 of the output's canonical JSON: the key comes from the inputs and proves nothing about it */
  readonly outputDigest: string
}

export type Recalled<T> =
  | { readonly hit: T; readonly why: string }
  /** `digest`: of the inputs */
  | { readonly hit: null; readonly why: string; readonly digest: string }

/**
 * The output of an earlier run of the stage with equal inputs. `why` is one line for a person: on a miss the inputs that differ from
 * the earlier record that shares most of them, or "first run". Throws OBJECT_CORRUPT for a record that fails its digest.
 */
export async function recallStage<T>(store: Store, { pipeline, stage, inputs }: StageInputs): Promise<Recalled<T>> {
  const digest = digestOf(inputs)
  const record = await readRecord<T>(store, stageKey(pipeline, stage, digest))
  if (record !== null) return { hit: record.output, why: `inputs unchanged: ${Object.keys(inputs).sort().join(', ')}` }
  const earlier = await readEarlier(store, { pipeline, stage })
  return { hit: null, why: explainMiss(inputs, earlier), digest }
}

/** Records the output. The first record for equal inputs stays: outputs of equal inputs are equal. */
export async function rememberStage<T>(
  store: Store,
  { pipeline, stage, inputs, output }: StageInputs & { readonly output: T },
): Promise<void> {
  const record: StageRecord<T> = { kind: 'stage', inputs, output, outputDigest: digestOf(output) }
  await store.putIfAbsent(stageKey(pipeline, stage, digestOf(inputs)), canonicalBytes(record))
}

/** One line: which inputs differ from the nearest of `earlier`. Ties go to the first. */
function explainMiss(inputs: StageInputs['inputs'], earlier: readonly StageInputs['inputs'][]): string {
  let nearest: string[] | null = null
  for (const candidate of earlier) {
    const changes = differences(candidate, inputs)
    if (nearest === null || changes.length < nearest.length) nearest = changes
  }
  return nearest === null ? 'first run' : nearest.join('; ')
}

function differences(before: StageInputs['inputs'], now: StageInputs['inputs']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return names.flatMap((name) => {
    const [old, current] = [before[name], now[name]]
    if (old === current) return []
    if (old === undefined) return [`${name} is new`]
    if (current === undefined) return [`${name} is gone`]
    return [`${name} changed: ${brief(old)} → ${brief(current)}`]
  })
}

/** Digests as people compare them; other values whole. */
function brief(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? shortDigest(value) : value
}

async function readEarlier(
  store: Store,
  { pipeline, stage }: Omit<StageInputs, 'inputs'>,
): Promise<StageInputs['inputs'][]> {
  const keys: string[] = []
  for await (const key of store.list(stageKey(pipeline, stage, '').replace('.json', ''))) {
    if (keys.push(key) === MAX_COMPARED) break
  }
  const records = await inParallel(keys, (key) => readRecord(store, key))
  return records.filter((record) => record !== null).map((record) => record.inputs)
}

async function readRecord<T>(store: Store, key: string): Promise<StageRecord<T> | null> {
  const bytes = await store.get(key)
  if (bytes === undefined) return null
  const record = JSON.parse(new TextDecoder().decode(bytes)) as StageRecord<T>
  const found = digestOf(record.output)
  if (found !== record.outputDigest) throw failure('OBJECT_CORRUPT', { key, expected: record.outputDigest, found })
  return record
}
