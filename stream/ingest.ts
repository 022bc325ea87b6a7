// A range of a topic → columns, rejects and holes, in pieces of bounded size.
import type { ColumnSpec, Columns } from '../schemas/columns.ts'
import type { SourceSpec } from '../schemas/plan.ts'
import type { Hole, OffsetRange, Reject } from '../schemas/segment.ts'
import type { Broker } from './broker.ts'
import { openDecoder } from './decode.ts'
import { checkExplained } from './kafka/gaps.ts'
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
 * Throws what Broker.readRange, openDecoder and the schema registry throw, RANGE_INCOMPLETE when rows, rejects and holes are not as many as the offsets.
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
  for (let start = range.start; start < range.end; ) {
    const rest = { ...range, start }
    const decoder = openDecoder({ source, columns, partition: range.partition, registry })
    const { end, holes } = await broker.readRange(rest, decoder.add, { signal, maxBytes })
    await decoder.settle?.()
    const decoded = decoder.finish()
    const records = (decoded.columns?.rows ?? 0) + decoded.rejects.length
    checkExplained({ range: rest, end, records, holes })
    yield { range: { ...rest, end }, ...decoded, holes }
    start = end
  }
}
