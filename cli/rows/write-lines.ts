// Values as NDJSON, as fast as the reader takes them and for as long as there is one.
import { once } from 'node:events'
import { oneDocument } from '../output/output.ts'

/** At most `limit` of them, a line each. A reader that has enough (`| head`) ends it, and with it what makes the values. */
export async function writeLines(
  values: AsyncIterable<unknown>,
  to: NodeJS.WritableStream,
  limit = Infinity,
): Promise<void> {
  let count = 0
  for await (const value of values) {
    if (count++ >= limit || !to.writable) return
    if (!to.write(`${oneDocument(value)}\n`)) await untilTaken(to)
  }
}

async function untilTaken(to: NodeJS.WritableStream): Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  // an error rejects these: the stream is then not writable any more
  await Promise.race(['drain', 'close'].map((event) => once(to, event, { signal }))).catch(() => {})
  stop.abort()
}
