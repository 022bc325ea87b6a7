// What `sluice export` writes: which Arrow files become which Parquet files, and where they go.
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../core/make-folder.ts'
import { writeWholeFile } from '../core/whole-file.ts'
import { openChain } from '../lake/chain.ts'
import { encodeParquet } from '../lake/columns/parquet.ts'
import { readColumns } from '../lake/columns/read.ts'
import { rangesInForce } from '../lake/snapshots/ranges-in-force.ts'
import { readJson } from '../lake/store/objects.ts'
import { openS3Store, type S3Store } from '../lake/store/s3.ts'
import type { Store } from '../lake/store/store.ts'
import { recipeOf } from '../plan/recipe.ts'
import type { DatasetManifest, DatasetRef } from '../schemas/dataset.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'
import { shortDigest, snapshotChain, stageKey } from '../schemas/ids.ts'
import type { SnapshotChange } from '../schemas/manifest.ts'
import { type Plan, SPLITS, type SplitName } from '../schemas/plan.ts'
import type { ObjectRef } from '../schemas/segment.ts'
import { sourceOf } from '../stages/ingest/source.ts'
import { atNamed } from './named-files.ts'
import { usageError } from './shell.ts'

export interface ExportFile {
  /** path below the destination; the same content has the same one */
  readonly path: string
  readonly from: Pick<ObjectRef, 'key' | 'sha256'>
}

export interface Exported {
  readonly files: number
  readonly rows: number
  readonly bytes: number
}

/** Somewhere that files go. Writing a file again is a no-op. */
export interface Destination {
  write(path: string, bytes: Uint8Array): Promise<void>
  close(): void
}

/** The parts of the pipeline's newest dataset. Throws DATASET_MISSING before the first run. */
export async function datasetFiles(store: Store, plan: Plan, split?: SplitName): Promise<ExportFile[]> {
  const manifest = await newestDataset(store, plan)
  const splits = split === undefined ? SPLITS : [split]
  return splits.flatMap((name) => manifest.parts[name].map((part, i) => ({ path: pathOf(name, i, part), from: part })))
}

/** The rows as they were decoded, before any rule: the segments in force. Throws DATASET_MISSING before the first ingest. */
export async function rawFiles(store: Store, plan: Plan): Promise<ExportFile[]> {
  const { id } = sourceOf(plan, '')
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(id) }).entries()
  const segments = rangesInForce(links.map(({ entry }) => entry.change)).flatMap(({ segment }) => segment ?? [])
  if (segments.length === 0) throw failure('DATASET_MISSING', { pipeline: plan.name })
  return segments.map((segment, i) => ({ path: pathOf('raw', i, segment), from: segment }))
}

function pathOf(folder: string, index: number, { sha256 }: { readonly sha256: string }): string {
  return `${folder}/${String(index).padStart(5, '0')}-${shortDigest(sha256)}.parquet`
}

/** Of the datasets made by the pipeline's recipe, the one of the most offsets. */
async function newestDataset(store: Store, plan: Plan): Promise<DatasetManifest> {
  const recipe = recipeOf(plan).clean
  let newest: { readonly manifest: DatasetManifest; readonly offsets: number } | null = null
  for await (const key of store.list(stageKey(plan.name, 'clean', '').replace('.json', ''))) {
    const bytes = await store.get(key)
    if (bytes === undefined) continue
    const { output } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly output: DatasetRef }
    const manifest = await readJson<DatasetManifest>(store, output)
    if (manifest.recipe !== recipe || manifest.lineage.source.id !== sourceOf(plan, '').id) continue
    const offsets = manifest.lineage.coverage.reduce((total, { start, end }) => total + end - start, 0)
    if (newest === null || offsets >= newest.offsets) newest = { manifest, offsets }
  }
  if (newest === null) throw failure('DATASET_MISSING', { pipeline: plan.name })
  return newest.manifest
}

/** One file at a time: reads, converts, writes. */
export async function exportFiles(
  store: Store,
  {
    plan,
    files,
    to,
    onFile,
  }: { plan: Plan; files: readonly ExportFile[]; to: Destination; onFile?: (file: ExportFile) => void },
): Promise<Exported> {
  const times = new Set(['_timestamp', ...plan.columns.flatMap(({ kind, name }) => (kind === 'time' ? name : []))])
  let rows = 0
  let bytes = 0
  for (const file of files) {
    const columns = await readColumns(store, file.from)
    const parquet = encodeParquet(columns, times)
    await to.write(file.path, parquet)
    rows += columns.rows
    bytes += parquet.byteLength
    onFile?.(file)
  }
  return { files: files.length, rows, bytes }
}

/** A folder of this machine, or s3://bucket/prefix with the endpoint and credentials of the configured store. Throws a usage error for another s3: address. */
export function openDestination(to: string, endpoints: Endpoints): Destination {
  const s3 = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(to)
  if (s3 === null && to.startsWith('s3:')) throw usageError(`expected s3://bucket/prefix, found ${to}`)
  if (s3 === null) return folder(resolve(to))
  const [, bucket, prefix] = s3
  return bucketPrefix(openS3Store({ ...endpoints.s3, bucket: bucket! }), prefix === '' ? '' : `${prefix}/`)
}

function folder(root: string): Destination {
  return {
    async write(path, bytes) {
      const file = join(root, path)
      await atNamed({ path: root, expected: 'a folder' }, async () => {
        await makeFolder(dirname(file))
        await writeWholeFile(file, bytes)
      })
    },
    close: () => {},
  }
}

function bucketPrefix(store: S3Store, prefix: string): Destination {
  return {
    async write(path, bytes) {
      await store.putIfAbsent(prefix + path, bytes)
    },
    close: () => store.close(),
  }
}
