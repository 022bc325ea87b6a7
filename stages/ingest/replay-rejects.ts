// Rejects that decode by now → rows: their ranges get new files, and every offset still counts once.
import { openChain } from '../../lake/chain.ts'
import type { BodyCodec } from '../../lake/columns/codec.ts'
import { concatColumns } from '../../lake/columns/concat-columns.ts'
import { orderByOffset } from '../../lake/columns/order-by-offset.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { rangesInForce } from '../../lake/snapshots/ranges-in-force.ts'
import { type Replacement, replaceRanges } from '../../lake/snapshots/replace-ranges.ts'
import { readRejects, writeRejects, writeSegment } from '../../lake/snapshots/segment.ts'
import type { Store } from '../../lake/store/store.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RangeResult, Reject } from '../../schemas/segment.ts'
import { openDecoder } from '../../stream/decode.ts'
import type { RawRecord } from '../../stream/record.ts'
import type { DecodedRows } from '../../stream/rows/rows.ts'
import type { SchemaRegistry } from '../../stream/schema-registry.ts'
import type { RangeClients } from './range.ts'
import { sourceOf } from './source.ts'

export interface Replayed {
  /** rejects that were tried */
  readonly tried: number
  /** of them, those that are rows now */
  readonly decoded: number
  /** rejects of those tried whose headers an earlier version did not keep, though the pipeline reads some: they stay rejects */
  readonly withoutHeaders: number
  /** ranges that got new files */
  readonly ranges: number
  /** version of the chain that holds the change; null: nothing decodes that did not before, so nothing was written */
  readonly version: number | null
}

/**
 * Decodes every reject of the pipeline's source again, as the pipeline and its schemas are now. The rows that come of it stand between
 * their neighbours, by offset, as if they had decoded the first time. Doing it again finds nothing to do.
 * Throws CHAIN_CONFLICT when somebody replaced the same ranges meanwhile.
 */
export async function replayRejects(
  { store, registry = null, codec }: Pick<RangeClients, 'store' | 'registry' | 'codec'>,
  { plan, signal }: { readonly plan: Plan; readonly signal?: AbortSignal },
): Promise<Replayed> {
  const sourceId = sourceOf(plan, '').id // the id does not depend on the cluster
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).entries()
  const replacements: Replacement[] = []
  const needsHeaders = plan.columns.some(({ header }) => header !== undefined)
  let tried = 0
  let decoded = 0
  let withoutHeaders = 0
  for (const result of rangesInForce(links.map(({ entry }) => entry.change))) {
    signal?.throwIfAborted()
    if (result.rejects === null) continue
    const rejects = await readRejects(store, result.rejects)
    // what the pipeline reads from a header would be missing without a word
    const isWhole = ({ headers }: Reject): boolean => !needsHeaders || headers !== undefined
    const whole = rejects.filter(isWhole)
    const rows = await decodeAgain(whole, { plan, registry, partition: result.range.partition })
    tried += rejects.length
    withoutHeaders += rejects.length - whole.length
    if (rows.columns === null) continue
    decoded += rows.columns.rows
    replacements.push({
      of: [result],
      by: await joined(store, { sourceId, codec, result, rows, rest: rejects.filter((one) => !isWhole(one)) }),
    })
  }
  const counts = { tried, decoded, withoutHeaders }
  if (replacements.length === 0) return { ...counts, ranges: 0, version: null }
  const { entry } = await replaceRanges({ store, sourceId, kind: 'replayed', replacements })
  return { ...counts, ranges: replacements.length, version: entry.version }
}

async function decodeAgain(
  rejects: readonly Reject[],
  { plan, registry, partition }: { plan: Plan; registry: SchemaRegistry | null; partition: number },
): Promise<DecodedRows> {
  const { source, columns } = plan
  const decoder = openDecoder({ source, columns, partition, registry })
  for (const reject of rejects) decoder.add(recordOf(reject))
  await decoder.settle?.()
  return decoder.finish()
}

const NOTHING = new Uint8Array()

function recordOf({ offset, timestamp, key, value, headers = NOTHING }: Reject): RawRecord {
  const keyLength = key?.length ?? 0
  const headersStart = keyLength + (value?.length ?? 0)
  const bytes = Buffer.concat([key ?? NOTHING, value ?? NOTHING, headers])
  return {
    offset,
    timestamp,
    bytes,
    keyStart: 0,
    keyLength: key === null ? -1 : keyLength,
    valueStart: keyLength,
    valueLength: value === null ? -1 : value.length,
    headersStart,
    headersEnd: bytes.length,
  }
}

type Place = { readonly sourceId: string; readonly codec: BodyCodec | undefined }

/** `rest`: rejects that were not tried. */
async function joined(
  store: Store,
  { result, rows, rest, ...place }: Place & { result: RangeResult; rows: DecodedRows; rest: readonly Reject[] },
): Promise<RangeResult> {
  const { range, segment, holes } = result
  const batches = segment === null ? [] : [await readColumns(store, segment)]
  const columns = orderByOffset(concatColumns([...batches, rows.columns!]))
  const rejects = [...rows.rejects, ...rest].sort((a, b) => a.offset - b.offset)
  return {
    range,
    holes,
    segment: await writeSegment(store, { ...place, range, columns }),
    rejects: rejects.length === 0 ? null : await writeRejects(store, { ...place, range, rejects }),
  }
}
