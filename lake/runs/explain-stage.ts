// Why a stage is done again: every input that differs from the record it is nearest to, with the exact words, rows or files.
import type { CodeParts } from '../../schemas/code.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import { shortDigest } from '../../schemas/ids.ts'
import { everyDifference } from '../differences.ts'
import { changedInputs, keptRecipe, nearestOf, type StageRecord } from '../memo.ts'
import { readJson } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { codeDifferences, codeOf } from './code-difference.ts'
import { type DataState, dataDifferences } from './data-difference.ts'

export interface InputDifference {
  /** e.g. "recipe", "code", "data" */
  readonly input: string
  /** a line each */
  readonly words: readonly string[]
}

export interface Explanation {
  /** when the record was made that it is compared with; null: there is none, or it does not say */
  readonly comparedWith: string | null
  /** empty: there is nothing to compare with */
  readonly differs: readonly InputDifference[]
}

/** A stage as it is, or would be. */
export interface StageNow {
  readonly inputs: Readonly<Record<string, string>>
  /** undefined: not kept */
  readonly recipe: unknown
  readonly codeParts: CodeParts | null
  /** of a stage that reads the lake */
  readonly data?: DataState | undefined
}

/** `earlier`: records of the same stage that were there before. */
export async function explainStage(
  store: Store,
  now: StageNow,
  earlier: readonly StageRecord<unknown>[],
): Promise<Explanation> {
  const nearest = nearestOf(now.inputs, earlier)
  if (nearest === null) return { comparedWith: null, differs: [] }
  const differs = changedInputs(nearest.inputs, now.inputs).map(async (input) => {
    return { input, words: await differenceOf(store, { input, now, nearest, earlier }) }
  })
  return { comparedWith: nearest.at ?? null, differs: await Promise.all(differs) }
}

interface Compared {
  readonly input: string
  readonly now: StageNow
  readonly nearest: StageRecord<unknown>
  readonly earlier: readonly StageRecord<unknown>[]
}

async function differenceOf(store: Store, { input, now, nearest, earlier }: Compared): Promise<string[]> {
  const [before, current] = [nearest.inputs[input], now.inputs[input]]
  if (before === undefined) return [`${input} is new`]
  if (current === undefined) return [`${input} is gone`]
  const fallback = [`${brief(before)} → ${brief(current)}`]
  if (input === 'recipe') {
    const old = await keptRecipe(store, before)
    const words = old === undefined || now.recipe === undefined ? [] : everyDifference(old, now.recipe)
    return words.length > 0 ? words : [`${fallback[0]}: the settings of one of them were not kept`]
  }
  if (input === 'code') {
    return codeDifferences(await codeOf(store, nearest, earlier), { fingerprint: current, parts: now.codeParts })
  }
  if (input === 'data' && now.data !== undefined) {
    const old = await dataStateOf(store, nearest.output as DatasetRef)
    return old === null ? fallback : await dataDifferences(store, old, now.data)
  }
  return fallback
}

/** null: the dataset's manifest is gone. */
export async function dataStateOf(store: Store, dataset: DatasetRef): Promise<DataState | null> {
  const manifest = await readJson<DatasetManifest>(store, dataset).catch(() => null)
  if (manifest === null) return null
  const { lineage, accounting } = manifest
  return { ...lineage, records: accounting.in, rejects: accounting.rejectedBy.decode ?? 0 }
}

const brief = (value: string): string => (/^[0-9a-f]{64}$/.test(value) ? shortDigest(value) : value)
