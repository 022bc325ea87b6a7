// A sample of whatever holds events: a file of lines, a table.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { readObject, restoreNumbers } from '../../core/strict-json.ts'
import { atNamed } from '../named-files.ts'
import { usageError } from '../shell.ts'
import { typeOfCells, valueOfCell } from './cells.ts'
import { type CsvRow, csvRows } from './csv.ts'
import { parquetRows } from './parquet.ts'
import { sampleOf } from './reservoir.ts'
import { tableFormat } from './table-events.ts'

/** Events as JSON objects, and how many were none. */
export interface Sample {
  readonly rows: readonly unknown[]
  readonly broken: number
}

/** At most `count` rows of a file. Throws usage errors for what cannot be read. */
export async function sampleOfFile(file: string, count: number): Promise<Sample> {
  return await atNamed({ path: file, expected: 'a file of events' }, async () => {
    const format = tableFormat(file)
    if (format === 'parquet') return { rows: await sampleOf(parquetRows(file), count), broken: 0 }
    if (format === 'csv') return { rows: typed(await sampleOf(csvRows(file), count)), broken: 0 }
    return await linesOf(file, count)
  })
}

async function linesOf(file: string, count: number): Promise<Sample> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  const taken = (await sampleOf(lines, count)).filter((line) => line.trim() !== '')
  const rows = taken.map((line) => eventOf(Buffer.from(line))).filter((event) => event !== null)
  if (rows.length === 0 && taken.length > 0)
    throw usageError(
      `expected one JSON object a line in ${file}, found none: \`jq -c '.[]' ${file}\` turns a list into lines`,
    )
  return { rows, broken: taken.length - rows.length }
}

/** As ingest reads it, large integers exact; null: what it would reject. */
export function eventOf(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  const read = readObject(bytes, 0, bytes.length)
  if (!('object' in read)) return null
  return read.isRounded ? restoreNumbers(read, 'all') : read.object
}

function typed(rows: readonly CsvRow[]): Record<string, unknown>[] {
  const names = Object.keys(rows[0] ?? {})
  const types = new Map(names.map((name) => [name, typeOfCells(rows.map((row) => row[name]!))]))
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, valueOfCell(cell, types.get(name)!)])),
  )
}
