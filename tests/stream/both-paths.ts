// Records through a decoder, with a count of the rows that its direct path took.
import type { ColumnSpec, Columns } from '../../schemas/columns.ts'
import { type DecodeValue, type RowCollector, rowCollector } from '../../stream/rows/rows.ts'
import { rawRecord } from './raw-record.ts'

export interface Outcome {
  readonly columns: Columns | null
  readonly rejects: readonly { readonly offset: number; readonly reasons: readonly string[] }[]
  /** rows that were put into the columns without making values */
  readonly direct: number
}

/** Header h of every record is "abc". */
const HEADERS = Buffer.from([2, 2, 104, 6, 97, 98, 99])

export function decodeAll(
  values: readonly Buffer[],
  specs: readonly ColumnSpec[],
  make: (rows: RowCollector) => DecodeValue,
): Outcome {
  const rows = rowCollector(specs, 3)
  let direct = 0
  const counting: RowCollector = {
    ...rows,
    close(record) {
      direct++
      rows.close(record)
    },
    keep(record) {
      direct++
      rows.keep(record)
    },
  }
  const decode = make(counting)
  for (const [offset, value] of values.entries()) {
    const key = offset % 3 === 0 ? null : 'k'
    const record = rawRecord({ offset, timestamp: 1.7e12 + offset, key, value, headers: HEADERS })
    decode(record, record.valueStart, record.valueStart + record.valueLength, 'schema 7: ')
  }
  const { columns, rejects } = rows.finish()
  return { columns, rejects: rejects.map(({ offset, reasons }) => ({ offset, reasons })), direct }
}
