// A line now and then while something large is on its way.
import { formatBytes } from './format-bytes.ts'

const EVERY_MS = 10_000

/** Passes bytes that have come to the counter it is given; tells "still fetching LABEL (12 MB of 45 MB)" meanwhile. */
export async function withProgress<T>(
  { label, totalBytes, say }: { label: string; totalBytes: number | undefined; say: (line: string) => void },
  work: (onBytes: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let received = 0
  let told = -1
  const of = totalBytes === undefined ? 'so far' : `of ${formatBytes(totalBytes)}`
  const timer = setInterval(() => {
    // what has come is checked and unpacked, which says nothing by itself
    if (received > 0 && received === told) say(`still unpacking ${label}`)
    else say(`still fetching ${label} (${formatBytes(received)} ${of})`)
    told = received
  }, EVERY_MS)
  try {
    return await work((bytes) => {
      received += bytes
    })
  } finally {
    clearInterval(timer)
  }
}
