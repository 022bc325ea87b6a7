// What a pipeline made of a source, re-read: its ledger, model cards, weights, datasets, evaluations and stage records.
import { digestOf } from '../../core/digest.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { chainKey, ledgerChain, objectKey, stageKey } from '../../schemas/ids.ts'
import { type LedgerChange, sinceRetired } from '../../schemas/ledger.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import { inParallel } from '../store/in-parallel.ts'
import type { Store } from '../store/store.ts'
import { mismatch, type ObjectVerifier, VERIFY_LANES } from './verify-objects.ts'
import { readChain } from './verify-source.ts'

export interface VerifiedModels {
  readonly pipeline: string
  /** entries of the ledger */
  readonly decisions: number
  readonly stageRecords: number
}

interface Named {
  readonly ref: Pick<ObjectRef, 'key' | 'sha256'> & { readonly rows?: number; readonly bytes?: number }
  readonly by: string
}

/** Re-reads everything that the pipeline's ledger and stage records lead to. Problems go to the verifier. */
export async function verifyModels(
  store: Store,
  { verifier, pipeline }: { readonly verifier: ObjectVerifier; readonly pipeline: string },
): Promise<VerifiedModels> {
  const chain = ledgerChain(pipeline)
  const links = await readChain<LedgerChange>(store, { verifier, chain })
  const entries = links.map(({ entry, ref }) => ({ change: entry.change, by: chainKey(ref.chain, ref.version) }))
  const counting = sinceRetired(entries)
  const roots = counting.flatMap(({ change, by }) => namedByLedger(change, by))
  // of what was deleted with its data the record stays: cards and evaluations, and nothing that they lead to
  const kept = entries.slice(0, entries.length - counting.length).flatMap(({ change, by }) => namedByLedger(change, by))
  await inParallel(distinct(kept), async ({ ref, by }) => void (await verifier.json(ref, by)), VERIFY_LANES)
  const records = await readRecords(store, { verifier, pipeline })
  let wave: Named[] = [...roots, ...records.flatMap(({ key, value }) => namedIn(value, key))]
  const seen = new Set<string>()
  while (wave.length > 0) {
    const fresh = wave.filter(({ ref }) => !seen.has(ref.key))
    for (const { ref } of fresh) seen.add(ref.key)
    wave = (await inParallel(fresh, (named) => follow(verifier, named), VERIFY_LANES)).flat()
  }
  return { pipeline, decisions: links.length, stageRecords: records.length }
}

const distinct = (named: readonly Named[]): Named[] => [...new Map(named.map((each) => [each.ref.key, each])).values()]

/** Reads one object; → what it refers to. */
async function follow(verifier: ObjectVerifier, { ref, by }: Named): Promise<Named[]> {
  if (ref.key.endsWith('.arrow')) {
    await verifier.columns(ref, by)
    return []
  }
  if (!ref.key.endsWith('.json')) {
    await verifier.bytes(ref, by)
    return []
  }
  const value = await verifier.json(ref, by)
  if (isKind(value, 'dataset'))
    checkAccounting(verifier, { manifest: value as unknown as DatasetManifest, key: ref.key, by })
  return namedIn(value, ref.key)
}

function namedByLedger(change: LedgerChange, by: string): Named[] {
  const named = change.model === '' ? [] : [{ ref: jsonRef('models', change.model), by }]
  return 'evaluation' in change ? [...named, { ref: jsonRef('evaluations', change.evaluation), by }] : named
}

/** Every reference inside a JSON value: objects with key and sha256, and the digests that stand for a dataset or a model. */
function namedIn(value: unknown, by: string): Named[] {
  if (Array.isArray(value)) return value.flatMap((item) => namedIn(item, by))
  if (typeof value !== 'object' || value === null) return []
  const named: Named[] = []
  const { key, sha256, rows, bytes } = value as Record<string, unknown>
  if (typeof key === 'string' && typeof sha256 === 'string') {
    named.push({
      ref: {
        key,
        sha256,
        ...(typeof rows === 'number' ? { rows } : {}),
        ...(typeof bytes === 'number' ? { bytes } : {}),
      },
      by,
    })
  }
  if (isKind(value, 'model')) named.push({ ref: jsonRef('datasets', String(value.dataset)), by })
  return [...named, ...Object.values(value).flatMap((item) => namedIn(item, by))]
}

function checkAccounting(
  verifier: ObjectVerifier,
  { manifest, key, by }: { manifest: DatasetManifest; key: string; by: string },
): void {
  const { accounting, parts } = manifest
  const wrong = (expected: string, found: string): void =>
    verifier.report({ key, referredBy: by }, mismatch({ what: key, expected, found }))
  const sum = accounting.clean + accounting.rejected + accounting.duplicates
  if (sum !== accounting.in) wrong(`${accounting.in} rows accounted for`, `${sum}`)
  for (const [split, refs] of Object.entries(parts)) {
    const rows = refs.reduce((total, part) => total + part.rows, 0)
    const expected = accounting.split[split as keyof typeof accounting.split]
    if (rows !== expected) wrong(`${expected} rows in ${split}`, `${rows}`)
  }
}

async function readRecords(
  store: Store,
  { verifier, pipeline }: { verifier: ObjectVerifier; pipeline: string },
): Promise<{ key: string; value: unknown }[]> {
  const keys: string[] = []
  for await (const key of store.list(`stages/${pipeline}/`)) keys.push(key)
  const records = await inParallel(keys, async (key) => {
    const bytes = await store.get(key)
    if (bytes === undefined) return null
    verifier.count(bytes.byteLength)
    try {
      const record = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
      const [stage = ''] = key.slice(`stages/${pipeline}/`.length).split('/')
      checkRecord(record, { key, place: stageKey(pipeline, stage, digestOf(record.inputs)) })
      return { key, value: record.output }
    } catch (error) {
      verifier.report({ key, referredBy: key }, error)
      return null
    }
  })
  return records.filter((record) => record !== null)
}

/** Its key is made from its inputs; its output carries a digest. */
function checkRecord(record: Record<string, unknown>, { key, place }: { key: string; place: string }): void {
  if (place !== key) throw mismatch({ what: key, expected: `the record of ${place}`, found: 'other inputs' })
  const found = digestOf(record.output)
  if (found === record.outputDigest) return
  throw mismatch({ what: key, expected: `output of sha256 ${record.outputDigest}`, found })
}

function isKind(value: unknown, kind: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind
}

const jsonRef = (kind: string, sha256: string) => ({ key: objectKey(kind, sha256, 'json'), sha256 })
