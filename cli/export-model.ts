// What `sluice export-model` writes: the model in a format of others, and what its caller needs to make its inputs.
import { build } from 'esbuild'
import { canonicalBytes } from '../core/digest.ts'
import { readLedger } from '../lake/ledger.ts'
import { readJson, readObject } from '../lake/store/objects.ts'
import type { Store } from '../lake/store/store.ts'
import { openBackend } from '../ml/backend.ts'
import { describeExport } from '../ml/export/describe-export.ts'
import { type ExportFormat, exportModel } from '../ml/export/export-model.ts'
import type { Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { objectKey, shortDigest } from '../schemas/ids.ts'
import type { GoldenRows, ModelCard } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import { SOURCE_DIR } from '../workers/code/fingerprint.ts'

export interface ModelExport {
  readonly digest: string
  /** path below the destination → content */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** rows of a call; null: any number */
  readonly rows: number | null
  /** largest difference of the exported model to the golden answers */
  readonly difference: number
}

/** Digest of the champion, or of the model in the ledger that starts with `start`. Throws NO_CHAMPION, MODEL_UNKNOWN. */
export async function findModel(store: Store, pipeline: string, start?: string): Promise<string> {
  const { state, entries } = await readLedger(store, pipeline)
  if (start === undefined) {
    if (state.champion === null) throw failure('NO_CHAMPION', { pipeline })
    return state.champion
  }
  const known = [...new Set(entries.map(({ change }) => change.model))]
  const fitting = known.filter((digest) => digest.startsWith(start))
  if (fitting.length === 1) return fitting[0]!
  const found = (fitting.length === 0 ? known : fitting).map(shortDigest).join(', ')
  throw failure('MODEL_UNKNOWN', { pipeline, expected: start, found: found || 'none' })
}

/** Makes all files in memory; throws what `exportModel` throws, so that nothing is written of an export that is wrong. */
export async function makeModelExport(
  store: Store,
  { plan, digest, format, projectDir }: { plan: Plan; digest: string; format: ExportFormat; projectDir: string },
): Promise<ModelExport> {
  const card = await readJson<ModelCard>(store, { key: objectKey('models', digest, 'json'), sha256: digest })
  const [weights, transform, golden] = await Promise.all([
    readObject(store, card.weights),
    readJson<Transform>(store, card.transform),
    readJson<GoldenRows>(store, card.golden),
  ])
  const { tf } = await openBackend({ prefer: 'tensorflow', device: 'any' })
  const { files, rows, difference } = await exportModel(tf, { weights, golden, format, projectDir })
  const readme = describeExport({ card, digest, format, rows, transform })
  return {
    digest,
    rows,
    difference,
    files: {
      ...files,
      'transform.json': canonicalBytes(transform),
      'columns.json': canonicalBytes(plan.columns),
      'golden.json': canonicalBytes(golden),
      'model-card.json': canonicalBytes(card),
      ...(format === 'tfjs' ? { 'transform.js': await transformModule() } : {}),
      'README.md': new TextEncoder().encode(readme),
    },
  }
}

/** The code that transforms in training and serving, as one module without imports. */
async function transformModule(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { compileTransform, parseRow } from './ml/features/transform'`,
      resolveDir: SOURCE_DIR,
      loader: 'ts',
    },
    ...({
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
    } as const),
  })
  return outputFiles[0]!.contents
}
