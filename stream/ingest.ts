// A range of a topic → columns, rejects and holes, in pieces of bounded size.
import type { ColumnSpec, Columns } from '../schemas/columns.ts'
import type { SourceSpec } from '../schemas/plan.ts'
import type { Hole, OffsetRange, Reject } from '../schemas/segment.ts'
import type { Broker } from './broker.ts'
import { openDecoder } from './decode.ts'
import { checkExplained } from './kafka/gaps.ts'
import type { RecordSink } from './record.ts'
import type { RecordDecoder } from './rows/rows.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/** rows + rejects + holes cover the offsets of `range` exactly once. */
export interface DecodedRange {
  readonly range: OffsetRange
  /** null: no record of the range decoded */
  readonly columns: Columns | null
  readonly rejects: readonly Reject[]
  readonly holes: readonly Hole[]
}

/**
 * The range as pieces [start, end) that follow each other and cover it; the next piece is read when it is asked for.
 * Pieces end after the record whose bytes reach `maxBytes`, so the same range gives the same pieces every time.
 * Throws what Broker.readPieces, openDecoder and the schema registry throw, RANGE_INCOMPLETE when rows, rejects and holes are not as many as the offsets.
 */
export async function* readColumnsOfRange({
  broker,
  range,
  columns,
  source = { topic: range.topic, format: 'json' },
  registry = null,
  maxBytes,
  signal,
}: {
  readonly broker: Broker
  readonly range: OffsetRange
  readonly columns: readonly ColumnSpec[]
  /** default: JSON without a registry */
  readonly source?: SourceSpec
  readonly registry?: SchemaRegistry | null
  /** key and value bytes of a piece, reached by its last record */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}): AsyncGenerator<DecodedRange, void, undefined> {
  const { partition } = range
  let { start } = range
  let decoder!: RecordDecoder
  const openSink = (): RecordSink => {
    decoder = openDecoder({ source, columns, partition, registry })
    return decoder.add
  }
  for await (const { end, holes } of broker.readPieces(range, openSink, { signal, maxBytes })) {
    await decoder.settle?.()
    const decoded = decoder.finish()
    const records = (decoded.columns?.rows ?? 0) + decoded.rejects.length
    checkExplained({ range: { ...range, start }, end, records, holes })
    yield { range: { ...range, start, end }, ...decoded, holes }
    start = end
  }
}
