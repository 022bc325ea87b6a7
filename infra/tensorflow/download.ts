// One large file by HTTP, to disk and through sha256 in one pass, with a line now and then while it is slow.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { failure } from '../../schemas/failures.ts'
import { formatBytes } from '../downloads/format-bytes.ts'
import { get } from '../downloads/http.ts'

/** A server that sends nothing for so long is given up. */
const SILENCE_MS = 60_000
const SAY_EVERY_MS = 15_000

export interface Download {
  /** http, https or file */
  readonly url: string
  readonly file: string
  readonly say: (line: string) => void
  /** default: a minute */
  readonly silenceMs?: number
}

/**
 * → sha256 of what was written, lower-case hex. Throws LIBRARY_UNREACHABLE for an address that does not answer with a file, and
 * DOWNLOAD_BROKEN for one that breaks off.
 */
export async function downloadFile({ url, file, say, silenceMs = SILENCE_MS }: Download): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  const silence = new AbortController()
  const waiting = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs)
  const saying = setInterval(() => say(`still fetching libtensorflow (${formatBytes(bytes)} so far)`), SAY_EVERY_MS)
  try {
    const source = await openSource(url, silence.signal, silenceMs)
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        waiting.refresh()
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    }
    await pipeline(source.stream, counted, createWriteStream(file)).catch((error: Error) => {
      throw brokenOff({ url, bytes, expectedBytes: source.bytes }, error)
    })
    if (source.bytes !== undefined && source.bytes !== bytes) {
      throw brokenOff({ url, bytes, expectedBytes: source.bytes })
    }
    return hash.digest('hex')
  } finally {
    clearTimeout(waiting)
    clearInterval(saying)
  }
}

interface Source {
  readonly stream: Readable
  /** undefined: the server does not say */
  readonly bytes: number | undefined
}

async function openSource(url: string, signal: AbortSignal, silenceMs: number): Promise<Source> {
  if (url.startsWith('file:')) return await openLocal(url)
  const answer = await get({ url, silenceMs }).catch((error: unknown) => {
    throw failure('LIBRARY_UNREACHABLE', { url, found: reasonOf(error) }, error)
  })
  const { status, headers, body } = answer
  if (status < 200 || status > 299) {
    body.resume()
    throw failure('LIBRARY_UNREACHABLE', { url, found: `HTTP ${status} ${body.statusMessage ?? ''}`.trim() })
  }
  const length = headers['content-length']
  signal.addEventListener('abort', () => body.destroy(signal.reason))
  return { stream: body, bytes: length === undefined ? undefined : Number(length) }
}

async function openLocal(url: string): Promise<Source> {
  const handle = await open(fileURLToPath(url)).catch((error: unknown) => {
    throw failure('LIBRARY_UNREACHABLE', { url, found: reasonOf(error) }, error)
  })
  return { stream: handle.createReadStream(), bytes: (await handle.stat()).size }
}

function brokenOff(
  { url, bytes, expectedBytes }: { url: string; bytes: number; expectedBytes: number | undefined },
  error?: Error,
): Error {
  const expected = expectedBytes === undefined ? 'a whole file' : `${expectedBytes} bytes`
  const found = `${bytes} bytes${error === undefined ? '' : `, then: ${reasonOf(error)}`}`
  return failure('DOWNLOAD_BROKEN', { name: url, expected, found }, error)
}

/** What `fetch` throws says "fetch failed"; why stands in its cause. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return reason instanceof Error ? reason.message || reason.name : String(reason)
}
