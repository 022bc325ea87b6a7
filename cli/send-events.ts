// Where events come from: the pipeline's own examples, a file, or stdin.
import { existsSync } from 'node:fs'
import { access, type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { ColumnSpec } from '../schemas/columns.ts'
import type { DemoEvent, DemoOptions } from '../schemas/event.ts'
import { failure } from '../schemas/failures.ts'
import { atNamed } from './named-files.ts'
import { usageError } from './shell.ts'
import { tableEvents, tableFormat } from './tables/table-events.ts'

export interface ExampleOptions {
  readonly projectDir: string
  readonly pipeline: string
  /** 1 for the first; later batches are drawn from another distribution */
  readonly batch: number
  /** at most so many; default: the whole batch */
  readonly count?: number
  readonly seed?: number
}

/** Events of `pipelines/<name>/events.ts`, the same every time. Throws EVENTS_UNKNOWN when there is no such file. */
export async function exampleEvents(options: ExampleOptions): Promise<Iterable<DemoEvent>> {
  const { projectDir, pipeline, batch, count, seed = 7 } = options
  const folder = path.join(projectDir, 'pipelines', pipeline)
  const file = ['events.ts', 'events.js'].map((name) => path.join(folder, name)).find((name) => existsSync(name))
  if (file === undefined) throw unknownEvents(pipeline, 'no such file')
  const module = (await import(pathToFileURL(file).href)) as {
    events?: (options: DemoOptions) => Iterable<DemoEvent>
  }
  if (typeof module.events !== 'function') throw unknownEvents(pipeline, 'a file that exports no function events')
  return module.events({ batch, seed, ...(count !== undefined && { count }) })
}

function unknownEvents(pipeline: string, found: string): Error {
  return failure('EVENTS_UNKNOWN', { pipeline, expected: `pipelines/${pipeline}/events.ts`, found })
}

/** Events of a table (CSV, Parquet) by the pipeline's columns, or lines of a file as event values; "-" is stdin. Empty lines are skipped; what is not JSON is sent all the same, ingest rejects it with a reason. Throws a usage error where no file is. */
export async function* eventsOfFile(
  file: string,
  { columns, stdin }: { readonly columns: readonly ColumnSpec[]; readonly stdin: NodeJS.ReadableStream },
): AsyncIterable<Omit<DemoEvent, 'key'>> {
  const format = tableFormat(file)
  if (format !== null) {
    await atNamed({ path: file, expected: 'a table' }, () => access(file))
    for await (const value of tableEvents(file, format, columns)) yield { value }
    return
  }
  const named = { path: file, expected: 'a file of lines' }
  const handle = file === '-' ? null : await atNamed(named, () => openFile(file))
  try {
    const input = handle?.createReadStream() ?? stdin
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield { value: line }
    }
  } finally {
    await handle?.close()
  }
}

/** A folder opens as well, and is refused at the first read alone. */
async function openFile(file: string): Promise<FileHandle> {
  const handle = await open(file)
  if (!(await handle.stat()).isDirectory()) return handle
  await handle.close()
  throw usageError(`expected a file of lines at ${file}, found a folder`)
}
