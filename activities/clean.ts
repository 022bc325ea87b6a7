// Clean: the segments of a snapshot → a dataset.
import { setImmediate } from 'node:timers/promises'
import { cancellationSignal, heartbeat } from '@temporalio/activity'
import { type CleanedPart, createCleaner } from '../clean/cleaner.ts'
import { digestOf } from '../core/digest.ts'
import { encodeColumns } from '../lake/arrow.ts'
import { putJson, putObject } from '../lake/objects.ts'
import { contentOf } from '../lake/ranges-in-force.ts'
import { readColumns } from '../lake/read.ts'
import { snapshotSegments } from '../lake/snapshots.ts'
import type { Store } from '../lake/store.ts'
import { recipeOf } from '../pipelines/recipe.ts'
import type { DatasetManifest, DatasetRef, PartRef } from '../schemas/dataset.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { Outcome } from '../schemas/run.ts'
import type { Deps } from './deps.ts'
import { memoised } from './memoised.ts'

type Files = Awaited<ReturnType<typeof snapshotSegments>>

export function createCleanActivities({ store, code }: Pick<Deps, 'store' | 'code'>) {
  return {
    async cleanSnapshot({ plan, snapshot }: { plan: Plan; snapshot: SnapshotRef }): Promise<Outcome<DatasetRef>> {
      const files = await snapshotSegments({ store, snapshot })
      const inputs = { data: dataDigest(files, snapshot), recipe: recipeOf(plan).clean, code: code.clean }
      return await memoised(store, { pipeline: plan.name, stage: 'clean', inputs }, () =>
        makeDataset(store, { plan, snapshot, files }),
      )
    },
  }
}

/** The bytes of every row and the number of records that never became rows; which commits brought them, and whether they were compacted since, does not matter. */
function dataDigest({ segments, rejects, coverage }: Files, { source }: SnapshotRef): string {
  return digestOf({
    source,
    coverage,
    segments: contentOf(segments),
    rejects: contentOf(rejects),
  })
}

interface Work {
  readonly plan: Plan
  readonly snapshot: SnapshotRef
  readonly files: Files
}

/** Streams the segments through the cleaner: never more than one segment and one part per target in memory. */
async function makeDataset(store: Store, { plan, snapshot, files }: Work): Promise<DatasetRef> {
  const parts = partWriter(store)
  const cleaner = createCleaner(plan)
  for (const [index, segment] of files.segments.entries()) {
    cancellationSignal().throwIfAborted()
    await parts.write(cleaner.add(await readColumns(store, segment)))
    heartbeat({ segment: index + 1, of: files.segments.length })
    await setImmediate() // heartbeats and other activities get their turn
  }
  const decodeRejects = files.rejects.reduce((total, { rows }) => total + rows, 0)
  const { parts: last, transform, accounting } = cleaner.finish({ decodeRejects })
  await parts.write(last)
  const manifest: DatasetManifest = {
    kind: 'dataset',
    pipeline: plan.name,
    lineage: { source: snapshot.source, coverage: files.coverage },
    recipe: recipeOf(plan).clean,
    parts: { train: parts.of('train'), validate: parts.of('validate'), test: parts.of('test') },
    transform: await putJson(store, { kind: 'transforms', value: transform }),
    quarantine: parts.of('quarantine'),
    accounting,
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return { ...ref, digest: ref.sha256, accounting }
}

/** Writes parts as they become full and keeps their references in order. */
function partWriter(store: Store) {
  const refs = new Map<CleanedPart['target'], PartRef[]>()
  const of = (target: CleanedPart['target']): PartRef[] => refs.get(target) ?? []
  return {
    of,
    async write(parts: readonly CleanedPart[]): Promise<void> {
      for (const { target, columns } of parts) {
        const ref = await putObject(store, { kind: 'parts', extension: 'arrow', bytes: encodeColumns(columns) })
        refs.set(target, [...of(target), { ...ref, rows: columns.rows }])
        heartbeat({ target, parts: of(target).length })
      }
    },
  }
}
