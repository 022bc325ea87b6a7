// Rows of a table as the events of a pipeline: values of the kinds that its columns have, and an id where the table has none.
import { basename } from 'node:path'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type CellType, valueOfCell } from './cells.ts'
import { csvRows } from './csv.ts'
import { parquetRows } from './parquet.ts'

export type TableFormat = 'csv' | 'parquet'

/** By the ending of the file's name; null: a file of lines. */
export function tableFormat(file: string): TableFormat | null {
  const ending = /\.(csv|tsv|parquet)$/i.exec(file)?.[1]?.toLowerCase()
  if (ending === undefined) return null
  return ending === 'parquet' ? 'parquet' : 'csv'
}

/** JSON texts, a row each. A row without the pipeline's id is named after the file and its place in it. */
export async function* tableEvents(
  file: string,
  format: TableFormat,
  columns: readonly ColumnSpec[],
): AsyncIterable<string> {
  const id = columns.find(({ kind }) => kind === 'id')
  const idField = id === undefined ? undefined : (id.from ?? id.name)
  let row = 0
  for await (const fields of format === 'parquet' ? parquetRows(file) : typedRows(file, columns)) {
    row++
    const isNamed = idField === undefined || idField.split('.')[0]! in fields
    yield JSON.stringify(isNamed ? fields : { [idField]: `${basename(file)}#${row}`, ...fields })
  }
}

async function* typedRows(file: string, columns: readonly ColumnSpec[]): AsyncIterable<Record<string, unknown>> {
  const typeOf = new Map(columns.map((column) => [column.from ?? column.name, cellType(column)]))
  for await (const row of csvRows(file)) {
    yield Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [name, jsonOfCell(cell, typeOf.get(name) ?? 'text')]),
    )
  }
}

function jsonOfCell(cell: string, type: CellType | 'list'): unknown {
  if (type !== 'list') return valueOfCell(cell, type)
  try {
    return JSON.parse(cell) as unknown
  } catch {
    return cell // ingest says what it expected
  }
}

function cellType({ kind }: ColumnSpec): CellType | 'list' {
  if (kind === 'numbers') return 'list'
  if (kind === 'time') return 'number' // since the epoch, where it is one
  return kind === 'number' || kind === 'flag' ? kind : 'text'
}
