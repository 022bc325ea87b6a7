// A sample of whatever holds events: a file of lines, a table.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { atNamed } from '../named-files.ts'
import { typeOfCells, valueOfCell } from './cells.ts'
import { type CsvRow, csvRows } from './csv.ts'
import { parquetRows } from './parquet.ts'
import { sampleOf } from './reservoir.ts'
import { tableFormat } from './table-events.ts'

/** Events as JSON values, and lines that were none. */
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
  const rows = taken.map(parsed).filter((value) => value !== undefined)
  return { rows, broken: taken.length - rows.length }
}

/** undefined: no JSON */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function typed(rows: readonly CsvRow[]): Record<string, unknown>[] {
  const names = Object.keys(rows[0] ?? {})
  const types = new Map(names.map((name) => [name, typeOfCells(rows.map((row) => row[name]!))]))
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, valueOfCell(cell, types.get(name)!)])),
  )
}
