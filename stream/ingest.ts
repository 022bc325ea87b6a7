// A range of a topic → columns, rejects and holes, in pieces of bounded size.
import type { ColumnSpec, Columns } from '../schemas/columns.ts'
import type { Hole, OffsetRange, Reject } from '../schemas/segment.ts'
import type { Broker } from './broker.ts'
import { jsonDecoder } from './decode-json.ts'
import { checkExplained } from './gaps.ts'

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
 * Throws what Broker.readRange throws, RANGE_INCOMPLETE when rows, rejects and holes are not as many as the offsets.
 */
export async function* readColumnsOfRange({
  broker,
  range,
  columns,
  maxBytes,
  signal,
}: {
  readonly broker: Broker
  readonly range: OffsetRange
  readonly columns: readonly ColumnSpec[]
  /** key and value bytes of a piece, reached by its last record */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}): AsyncGenerator<DecodedRange, void, undefined> {
  for (let start = range.start; start < range.end; ) {
    const rest = { ...range, start }
    const decoder = jsonDecoder(columns, range.partition)
    const { end, holes } = await broker.readRange(rest, decoder.add, { signal, maxBytes })
    const decoded = decoder.finish()
    const records = (decoded.columns?.rows ?? 0) + decoded.rejects.length
    checkExplained({ range: rest, end, records, holes })
    yield { range: { ...rest, end }, ...decoded, holes }
    start = end
  }
}
