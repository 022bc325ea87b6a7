// The segments of a snapshot → a dataset's parts, transform and manifest in the store.
import { strict as assert } from 'node:assert'
import { type CleanTarget, windowOffsetsOf } from '../../clean/cleaner.ts'
import type { TransformFit } from '../../clean/fit.ts'
import { accountFor } from '../../clean/window-counts.ts'
import { windowsOf } from '../../clean/windows.ts'
import { digestOf } from '../../core/digest.ts'
import { contentOf } from '../../lake/snapshots/ranges-in-force.ts'
import type { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { putJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { recipeOf } from '../../plan/recipe.ts'
import type { DatasetManifest, DatasetRef, PartRef } from '../../schemas/dataset.ts'
import type { SnapshotRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import { type CleanHooks, cleanMissing } from './clean-missing.ts'
import { fitMemo, gatherFit } from './gather-fit.ts'
import { historiesOf } from './histories.ts'
import { type KeptWindow, windowMemo } from './window-memo.ts'
import { windowTrees } from './window-tree.ts'

type Files = Awaited<ReturnType<typeof snapshotSegments>>

/**
 * The bytes of every row, the number of records that never became rows, and which commits brought them, since that decides between
 * equal ids. Whether they were compacted since does not matter.
 */
export function dataDigest({ segments, rejects, coverage, arrivals }: Files, { source }: SnapshotRef): string {
  return digestOf({
    source,
    coverage,
    arrivals,
    segments: contentOf(segments),
    rejects: contentOf(rejects),
  })
}

export interface DatasetWork {
  readonly plan: Plan
  readonly snapshot: SnapshotRef
  readonly files: Files
  /** fingerprint under which the results of windows are kept, and found by later datasets; null: neither */
  readonly code: string | null
}

/**
 * Cleans the windows of which nothing is known, fits by merging, and counts. Never more than a few segments and windows and a slice of the
 * ids are in memory. With `code` an attempt goes on where one before was killed, and a grown source costs what is new of it.
 */
export async function makeDataset(store: Store, work: DatasetWork, hooks: CleanHooks): Promise<DatasetRef> {
  const { plan, files, code } = work
  const offsets = windowOffsetsOf(plan)
  const windows = windowsOf(files.coverage, { arrivals: files.arrivals, offsets })
  const trees = windowTrees(windows, offsets)
  const memo =
    code === null
      ? null
      : {
          ofWindows: windowMemo(store, { plan, windows, histories: historiesOf(windows, files.steps), code }),
          ofFits: fitMemo(store, { plan, code }),
        }
  const known = (await memo?.ofWindows.find(trees)) ?? windows.map(() => null)
  const results = [...known]
  const fresh = cleanMissing(store, { plan, files, windows, known, memo }, hooks)
  const fit = await gatherFit(store, {
    plan,
    trees,
    isKnown: (window) => known[window] !== null,
    trainOf: (window) => results[window]?.parts.train,
    async fitOf(window) {
      const next = await fresh.next()
      assert(!next.done && next.value.window === window, 'windows are cleaned in their order')
      results[window] = next.value.result
      return next.value.fit
    },
    memo: memo?.ofFits ?? null,
  })
  const end = await fresh.next() // what was being written is there now
  assert(end.done === true, 'every window was asked for')
  const whole = results.map((result) => result!)
  await memo?.ofWindows.keepGroups(trees, whole)
  return await putDataset(store, work, { results: whole, fit })
}

async function putDataset(
  store: Store,
  { plan, snapshot, files }: DatasetWork,
  { results, fit }: { readonly results: readonly KeptWindow[]; readonly fit: TransformFit },
): Promise<DatasetRef> {
  const decodeRejects = files.rejects.reduce((total, { rows }) => total + rows, 0)
  const accounting = accountFor(plan, { counts: results.map(({ counts }) => counts), decodeRejects })
  const partsOf = (target: CleanTarget): PartRef[] => results.flatMap(({ parts }) => parts[target] ?? [])
  const manifest: DatasetManifest = {
    kind: 'dataset',
    pipeline: plan.name,
    lineage: { source: snapshot.source, coverage: files.coverage },
    recipe: recipeOf(plan).clean,
    parts: { train: partsOf('train'), validate: partsOf('validate'), test: partsOf('test') },
    transform: await putJson(store, { kind: 'transforms', value: fit.finish() }),
    quarantine: partsOf('quarantine'),
    accounting,
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting }
}
