// What a decoder makes of some values, row by row, for tests of formats.
import assert from 'node:assert/strict'
import type { Column, ColumnSpec, Columns } from '../../schemas/columns.ts'
import type { SourceSpec } from '../../schemas/plan.ts'
import { openDecoder } from '../../stream/decode.ts'
import type { SchemaRegistry } from '../../stream/schema-registry.ts'
import { cellOf } from './cells.ts'
import { rawRecord } from './raw-record.ts'

export interface Decoded {
  /** by offset: the pipeline's columns, null where a value is missing */
  readonly rows: Readonly<Record<number, Record<string, unknown>>>
  /** reasons by offset */
  readonly rejects: Readonly<Record<number, readonly string[]>>
}

/** Decodes values at offsets 0, 1, 2 …; `source` needs no topic. */
export async function decode(
  source: Omit<SourceSpec, 'topic'>,
  columns: readonly ColumnSpec[],
  values: readonly (string | Buffer | null)[],
  { registry = null, headers }: { readonly registry?: SchemaRegistry | null; readonly headers?: Buffer } = {},
): Promise<Decoded> {
  const decoder = openDecoder({ source: { topic: 't', ...source }, columns, partition: 0, registry })
  for (const [offset, value] of values.entries())
    decoder.add(rawRecord({ offset, value, ...(headers === undefined ? {} : { headers }) }))
  await decoder.settle?.()
  const { columns: found, rejects } = decoder.finish()
  const offsets = rejects.map(({ offset }) => offset)
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
  ) // as the lake wants them
  return {
    rows: found === null ? {} : rowsOf(found, columns),
    rejects: Object.fromEntries(rejects.map(({ offset, reasons }) => [offset, reasons])),
  }
}

function rowsOf({ rows, byName }: Columns, columns: readonly ColumnSpec[]): Decoded['rows'] {
  const offsets = byName._offset as Extract<Column, { type: 'int64' }>
  return Object.fromEntries(
    Array.from({ length: rows }, (_, row) => [
      Number(offsets.values[row]),
      Object.fromEntries(columns.map(({ name }) => [name, cellOf(byName[name]!, row)])),
    ]),
  )
}
