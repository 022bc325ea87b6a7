// Results of finished stages, found by the digest of their inputs; a miss says which input differs.
import { canonicalBytes, digestOf } from '../core/digest.ts'
import type { CodeParts } from '../schemas/code.ts'
import { failure } from '../schemas/failures.ts'
import { objectKey, shortDigest, stageKey } from '../schemas/ids.ts'
import { tellDifferences } from './differences.ts'
import { inParallel } from './store/in-parallel.ts'
import { putJson, readJson } from './store/objects.ts'
import type { Store } from './store/store.ts'

/** Earlier records that a miss is compared with; beyond that the explanation is not worth its requests. */
const MAX_COMPARED = 256

export interface StageInputs {
  readonly pipeline: string
  readonly stage: string
  /** name → digest, or another short value that decides the output */
  readonly inputs: Inputs
  /** what the digest `inputs.recipe` is of; kept as an object, so that a later miss can say which word changed */
  readonly recipe?: unknown
  /** what the fingerprint `inputs.code` was taken of; kept as an object, so that a later miss can say which files changed */
  readonly codeParts?: CodeParts | undefined
}

type Inputs = Readonly<Record<string, string>>

export interface StageRecord<T> {
  readonly kind: 'stage'
  readonly inputs: Inputs
  /** when the stage ended, RFC 3339, UTC; absent: records from before it was noted */
  readonly at?: string
  readonly output: T
  /** sha256 of the kept CodeParts; absent: records from before they were kept */
  readonly codeParts?: string
  /** sha256 of the output's canonical JSON: the key comes from the inputs and proves nothing about it */
  readonly outputDigest: string
}

export type Recalled<T> =
  | { readonly hit: T; readonly why: string }
  /** `digest`: of the inputs */
  | { readonly hit: null; readonly why: string; readonly digest: string }

/**
 * The output of an earlier run of the stage with equal inputs. `why` is one line for a person: on a miss the inputs that differ from
 * the earlier record that shares most of them, of several the newest, or "first run". Throws OBJECT_CORRUPT for a record that fails its digest.
 */
export async function recallStage<T>(
  store: Store,
  { pipeline, stage, inputs, recipe }: StageInputs,
): Promise<Recalled<T>> {
  const digest = digestOf(inputs)
  const record = await stageRecordOf<T>(store, { pipeline, stage, inputs })
  if (record !== null) return { hit: record.output, why: `inputs unchanged: ${Object.keys(inputs).sort().join(', ')}` }
  const earlier = await stageRecords(store, { pipeline, stage, atMost: MAX_COMPARED })
  const nearest = nearestOf(inputs, earlier)?.inputs ?? null
  return {
    hit: null,
    why: nearest === null ? 'first run' : await explainMiss(store, { inputs, recipe, nearest }),
    digest,
  }
}

/** Records the output. The first record for equal inputs stays: outputs of equal inputs are equal. */
export async function rememberStage<T>(
  store: Store,
  {
    pipeline,
    stage,
    inputs,
    recipe,
    codeParts,
    output,
    at,
  }: StageInputs & { readonly output: T; readonly at?: string },
): Promise<void> {
  if (recipe !== undefined) await keepRecipe(store, recipe)
  const kept = codeParts && (await putJson(store, { kind: 'code', value: codeParts }))
  const about = { ...(at !== undefined && { at }), ...(kept && { codeParts: kept.sha256 }) }
  const record: StageRecord<T> = { kind: 'stage', inputs, output, outputDigest: digestOf(output), ...about }
  await store.putIfAbsent(stageKey(pipeline, stage, digestOf(inputs)), canonicalBytes(record))
}

/** Keeps settings under their digest, which others hold. */
export async function keepRecipe(store: Store, settings: unknown): Promise<void> {
  await putJson(store, { kind: 'recipes', value: settings })
}

type Earlier = Pick<StageRecord<unknown>, 'inputs' | 'at'>

/** The record with the fewest differences, of several the newest; null: there is none. */
export function nearestOf<T extends Earlier>(inputs: Inputs, earlier: readonly T[]): T | null {
  let nearest: { readonly record: T; readonly at: string; readonly distance: number } | null = null
  for (const record of earlier) {
    const { at = '' } = record
    const distance = changedInputs(record.inputs, inputs).length
    if (nearest === null || distance < nearest.distance || (distance === nearest.distance && at > nearest.at))
      nearest = { record, at, distance }
  }
  return nearest?.record ?? null
}

/** Names of the inputs that differ. */
export function changedInputs(before: Inputs, now: Inputs): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return names.filter((name) => before[name] !== now[name])
}

interface Miss {
  readonly inputs: Inputs
  readonly recipe: unknown
  readonly nearest: Inputs
}

/** One line: every input that differs, of the recipe its words. */
async function explainMiss(store: Store, { inputs, recipe, nearest }: Miss): Promise<string> {
  const reasons = changedInputs(nearest, inputs).map(async (name) => {
    const [old, current] = [nearest[name], inputs[name]]
    if (old === undefined) return `${name} is new`
    if (current === undefined) return `${name} is gone`
    const words = name === 'recipe' && recipe !== undefined ? await changedWords(store, old, recipe) : null
    return `${name} changed: ${words ?? `${brief(old)} → ${brief(current)}`}`
  })
  return (await Promise.all(reasons)).join('; ')
}

/** From the settings of digest `earlier` to these. null: the earlier ones were not kept, or cannot be read, which is no reason to fail. */
export async function changedWords(store: Store, earlier: string, recipe: unknown): Promise<string | null> {
  const before = await keptRecipe(store, earlier)
  return before === undefined ? null : tellDifferences(before, recipe)
}

/** undefined: they were not kept, or cannot be read. */
export async function keptRecipe(store: Store, digest: string): Promise<unknown> {
  return await readJson<unknown>(store, { key: objectKey('recipes', digest, 'json'), sha256: digest }).catch(
    () => undefined,
  )
}

/** Digests as people compare them; other values whole. */
function brief(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? shortDigest(value) : value
}

interface StageOf {
  readonly pipeline: string
  readonly stage: string
  /** default: all of them */
  readonly atMost?: number
}

/** Every record of a stage, by the digest of their inputs. Throws OBJECT_CORRUPT. */
export async function stageRecords<T>(
  store: Store,
  { pipeline, stage, atMost }: StageOf,
): Promise<readonly StageRecord<T>[]> {
  const keys: string[] = []
  for await (const key of store.list(stageKey(pipeline, stage, '').replace('.json', ''))) {
    if (keys.push(key) === atMost) break
  }
  const records = await inParallel(keys, (key) => readRecord<T>(store, key))
  return records.filter((record) => record !== null)
}

/** The record of exactly these inputs; null: there is none. Throws OBJECT_CORRUPT. */
export async function stageRecordOf<T>(
  store: Store,
  { pipeline, stage, inputs }: StageInputs,
): Promise<StageRecord<T> | null> {
  return await readRecord<T>(store, stageKey(pipeline, stage, digestOf(inputs)))
}

async function readRecord<T>(store: Store, key: string): Promise<StageRecord<T> | null> {
  const bytes = await store.get(key)
  if (bytes === undefined) return null
  const record = JSON.parse(new TextDecoder().decode(bytes)) as StageRecord<T>
  const found = digestOf(record.output)
  if (found !== record.outputDigest) throw failure('OBJECT_CORRUPT', { key, expected: record.outputDigest, found })
  return record
}
