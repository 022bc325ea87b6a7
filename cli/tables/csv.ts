// Rows of a CSV file, cells as they stand there.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { usageError } from '../shell.ts'

export type CsvRow = Readonly<Record<string, string>>

const SEPARATORS = [',', ';', '\t', '|'] as const
/** bytes in which the first line must end */
const HEAD_BYTES = 1 << 16

/** RFC 4180 with the separator that the first line has most of; that line names the columns. Throws usage errors for what is no such table. */
export async function* csvRows(file: string): AsyncIterable<CsvRow> {
  const header = await firstLine(file)
  const delimiter = separatorOf(header)
  const parser = pipeline(
    createReadStream(file),
    (bytes: AsyncIterable<Uint8Array>) => textOf(file, bytes),
    parse({
      delimiter,
      bom: true,
      relax_quotes: true, // in the midst of a cell they are what they are: tables with tabs know no others
      skip_empty_lines: true,
      columns: (names: string[]) => checkNames(file, names),
    }),
    () => {}, // errors reach the loop below
  )
  try {
    for await (const row of parser) yield row as CsvRow
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw usageError(`expected a CSV table in ${file}, found: ${error.message}`)
  } finally {
    parser.destroy()
  }
}

/** Throws a usage error where bytes are no UTF-8: their letters would be others in every text and category. */
async function* textOf(file: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw usageError(`expected UTF-8 in ${file}, found other bytes: \`iconv -f latin1 -t utf-8\` may turn them into it`)
  }
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead).toString().split('\n', 1)[0]!
  } finally {
    await handle.close()
  }
}

function separatorOf(line: string): string {
  const plain = line.replaceAll(/"[^"]*"/g, '')
  return SEPARATORS.reduce((best, each) => (countOf(plain, each) > countOf(plain, best) ? each : best))
}

const countOf = (text: string, part: string): number => text.split(part).length - 1

/** Names in the first line, each once: a table that begins with values would lose its first row. */
function checkNames(file: string, names: readonly string[]): string[] {
  const trimmed = names.map((name) => name.trim())
  const twice = trimmed.find((name, at) => name !== '' && trimmed.indexOf(name) !== at)
  if (twice !== undefined)
    throw usageError(`expected a first line of different names in ${file}, found ${JSON.stringify(twice)} twice`)
  const value = trimmed.find((name) => name !== '' && !Number.isNaN(Number(name)))
  if (value !== undefined || trimmed.every((name) => name === ''))
    throw usageError(
      `expected a first line that names the columns in ${file}, found ${JSON.stringify(value ?? '')} in it`,
    )
  return trimmed.map((name, at) => (name === '' ? `column ${at + 1}` : name))
}
