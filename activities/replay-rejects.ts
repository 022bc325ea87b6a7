// Rejects that decode by now → rows: their ranges get new files, and every offset still counts once.
import { openChain } from '../lake/chain.ts'
import { concatColumns } from '../lake/concat-columns.ts'
import { orderByOffset } from '../lake/order-by-offset.ts'
import { rangesInForce } from '../lake/ranges-in-force.ts'
import { readColumns } from '../lake/read.ts'
import { type Replacement, replaceRanges } from '../lake/replace-ranges.ts'
import { readRejects, writeRejects, writeSegment } from '../lake/segment.ts'
import { failure } from '../schemas/failures.ts'
import { snapshotChain } from '../schemas/ids.ts'
import type { SnapshotChange } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { RangeResult, Reject } from '../schemas/segment.ts'
import { openDecoder } from '../stream/decode.ts'
import type { RawRecord } from '../stream/record.ts'
import type { DecodedRows } from '../stream/rows.ts'
import type { Deps } from './deps.ts'
import { sourceOf } from './source.ts'

export interface Replayed {
  /** rejects that were tried */
  readonly tried: number
  /** of them, those that are rows now */
  readonly decoded: number
  /** ranges that got new files */
  readonly ranges: number
  /** version of the chain that holds the change; null: nothing decodes that did not before, so nothing was written */
  readonly version: number | null
}

/**
 * Decodes every reject of the pipeline's source again, as the pipeline and its schemas are now. The rows that come of it stand between
 * their neighbours, by offset, as if they had decoded the first time. Doing it again finds nothing to do.
 * Throws REPLAY_REFUSED for columns that a stored reject cannot fill, CHAIN_CONFLICT when somebody replaced the same ranges meanwhile.
 */
export async function replayRejects(
  { store, registry = null, codec }: Pick<Deps, 'store' | 'registry' | 'codec'>,
  { plan, signal }: { readonly plan: Plan; readonly signal?: AbortSignal },
): Promise<Replayed> {
  requireReplayable(plan)
  const sourceId = sourceOf(plan, '').id // the id does not depend on the cluster
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).entries()
  const replacements: Replacement[] = []
  let tried = 0
  let decoded = 0
  for (const result of rangesInForce(links.map(({ entry }) => entry.change))) {
    signal?.throwIfAborted()
    if (result.rejects === null) continue
    const rejects = await readRejects(store, result.rejects)
    const rows = await decodeAgain(rejects, { plan, registry, partition: result.range.partition })
    tried += rejects.length
    if (rows.columns === null) continue
    decoded += rows.columns.rows
    replacements.push({ of: [result], by: await joined(store, { sourceId, codec, result, rows }) })
  }
  if (replacements.length === 0) return { tried, decoded, ranges: 0, version: null }
  const { entry } = await replaceRanges({ store, sourceId, kind: 'replayed', replacements })
  return { tried, decoded, ranges: replacements.length, version: entry.version }
}

/** A reject holds key and value: what the pipeline reads from elsewhere would be missing without a word. */
function requireReplayable({ name, columns }: Plan): void {
  const header = columns.find((column) => column.header !== undefined)
  if (header === undefined) return
  const detail = `column ${header.name} comes from a header, which rejects do not keep`
  throw failure('REPLAY_REFUSED', { pipeline: name, detail })
}

async function decodeAgain(
  rejects: readonly Reject[],
  { plan, registry, partition }: { plan: Plan; registry: NonNullable<Deps['registry']> | null; partition: number },
): Promise<DecodedRows> {
  const { source, columns } = plan
  const decoder = openDecoder({ source, columns, partition, registry })
  for (const reject of rejects) decoder.add(recordOf(reject))
  await decoder.settle?.()
  return decoder.finish()
}

function recordOf({ offset, timestamp, key, value }: Reject): RawRecord {
  const keyLength = key?.length ?? 0
  const bytes = Buffer.concat([key ?? new Uint8Array(), value ?? new Uint8Array()])
  return {
    ...{ offset, timestamp, bytes },
    ...{ keyStart: 0, keyLength: key === null ? -1 : keyLength },
    ...{ valueStart: keyLength, valueLength: value === null ? -1 : value.length },
    ...{ headersStart: bytes.length, headersEnd: bytes.length },
  }
}

async function joined(
  store: Deps['store'],
  { result, rows, ...place }: { sourceId: string; codec: Deps['codec']; result: RangeResult; rows: DecodedRows },
): Promise<RangeResult> {
  const { range, segment, holes } = result
  const batches = segment === null ? [] : [await readColumns(store, segment)]
  const columns = orderByOffset(concatColumns([...batches, rows.columns!]))
  return {
    ...{ range, holes },
    segment: await writeSegment(store, { ...place, range, columns }),
    rejects: rows.rejects.length === 0 ? null : await writeRejects(store, { ...place, range, rejects: rows.rejects }),
  }
}
