// One range of a topic → its objects in the store; a piece is uploaded while the next one is read.
import type { PersonalKey } from '../../core/personal-key.ts'
import type { BodyCodec } from '../../lake/columns/codec.ts'
import { writeRejects, writeSegment } from '../../lake/snapshots/segment.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { OffsetRange, RangeResult } from '../../schemas/segment.ts'
import type { Broker } from '../../stream/broker.ts'
import { type DecodedRange, readColumnsOfRange } from '../../stream/ingest.ts'
import type { SchemaRegistry } from '../../stream/schema-registry.ts'
import { freeColumns } from './free-columns.ts'
import { protectRows } from './personal.ts'

export interface RangeClients {
  readonly store: Store
  readonly broker: Broker
  readonly limits: {
    /** bytes of event values per segment */
    readonly maxRangeBytes: number
  }
  /** null or absent: none is configured, so sources that need one cannot be read */
  readonly registry?: SchemaRegistry | null
  /** absent: none is configured, so pipelines with personal columns cannot be read */
  readonly personalKey?: PersonalKey | undefined
  /** of new segments; default: none */
  readonly codec?: BodyCodec | undefined
}

export interface RangeJob {
  readonly plan: Plan
  /** the source's id, as in its chain */
  readonly sourceId: string
  readonly range: OffsetRange
}

export interface RangeHooks {
  readonly signal: AbortSignal
  /** told after every piece that is in the store */
  readonly onPiece?: (piece: RangeResult) => void
}

/** The pieces of the range, in order. Throws what reading and the store throw, the signal's reason when it is aborted. */
export type IngestRange = (job: RangeJob, hooks: RangeHooks) => Promise<RangeResult[]>

/**
 * Does the work in this thread. In memory at a time: one piece that is being decoded, the file of another that is being
 * uploaded, and the fetches of the reader.
 */
export function ingestRangeHere(clients: RangeClients): IngestRange {
  const { store, broker, limits, registry = null, personalKey, codec } = clients
  return async ({ plan, sourceId, range }, { signal, onPiece }) => {
    const { source, columns } = plan
    const results: RangeResult[] = []
    const finish = async (writing: Promise<RangeResult> | undefined): Promise<void> => {
      if (writing === undefined) return
      const result = await writing
      results.push(result)
      onPiece?.(result)
    }
    let writing: Promise<RangeResult> | undefined
    const { maxRangeBytes: maxBytes } = limits
    const pieces = readColumnsOfRange({ broker, range, columns, source, registry, maxBytes, signal })
    for await (const piece of pieces) {
      await finish(writing)
      writing = writePiece(sourceId, protectRows(piece, plan, personalKey))
      writing.catch(() => {}) // it is looked at when the next piece has been read
    }
    await finish(writing)
    return results
  }

  async function writePiece(sourceId: string, piece: DecodedRange): Promise<RangeResult> {
    const { range, columns, rejects, holes } = piece
    const writing = columns === null ? null : writeSegment(store, { sourceId, range, columns, codec })
    if (columns !== null) freeColumns(columns) // they are encoded before the upload begins
    return {
      range,
      segment: await writing,
      rejects: rejects.length === 0 ? null : await writeRejects(store, { sourceId, range, rejects, codec }),
      holes,
    }
  }
}
