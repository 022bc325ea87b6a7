// Where events come from: the pipeline's own examples, a file, or stdin.
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { DemoEvent, DemoOptions } from '../schemas/event.ts'
import { failure } from '../schemas/failures.ts'

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

/** Lines of a file as event values; "-" is stdin. Empty lines are skipped; what is not JSON is sent all the same, ingest rejects it with a reason. */
export async function* eventsOfFile(file: string, stdin: NodeJS.ReadableStream): AsyncIterable<Omit<DemoEvent, 'key'>> {
  const handle = file === '-' ? null : await open(file)
  try {
    const input = handle?.createReadStream() ?? stdin
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield { value: line }
    }
  } finally {
    await handle?.close()
  }
}
