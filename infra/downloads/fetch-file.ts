// A file whose sha256 is known, over HTTP: goes on where an earlier attempt ended, checks the sum, and puts it in its place whole.
import { createWriteStream } from 'node:fs'
import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { failure } from '../../schemas/failures.ts'
import { digestFile } from './digest-file.ts'
import { type Answer, get, Trouble } from './http.ts'
import { ownPart } from './part.ts'
import { type Patience, requireSuccess, withPatience } from './patience.ts'
import { withoutPassword } from './proxy.ts'
import { countFetched, type Kind } from './tally.ts'

export interface RemoteFile extends Patience {
  readonly url: string
  /** e.g. a user and a password of the registry */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** lower-case hex; of several any does: a list of sums names the files of all platforms */
  readonly sha256: string | readonly string[]
  /** for messages, e.g. "Kafka 4.4.0" */
  readonly what: string
  /** under which its bytes are counted */
  readonly kind: Kind
  /** where it is put in the end */
  readonly file: string
  /** unfinished files are kept in its folder "downloads" */
  readonly cacheDir: string
  /** told of every piece that has come */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

/**
 * Resolves when `file` is there with that sum. Throws DOWNLOAD_FAILED where it cannot be had within its patience (what has come is kept
 * for the next call), DOWNLOAD_BROKEN for other bytes.
 */
export async function fetchFile(wanted: RemoteFile): Promise<void> {
  const key = `${wanted.cacheDir} ${[wanted.sha256].flat()[0]}`
  while (ongoing.has(key)) await ongoing.get(key)?.catch(() => {})
  const fetched = fetchAlone(wanted)
  ongoing.set(key, fetched)
  await fetched.finally(() => ongoing.delete(key))
}

// by cache and sum: two servers need some of the same jars at the same time, and both would write the same part
const ongoing = new Map<string, Promise<void>>()

async function fetchAlone(wanted: RemoteFile): Promise<void> {
  const { url, what, file, cacheDir } = wanted
  const sums = [wanted.sha256].flat()
  const part = await ownPart(cacheDir, sums[0] ?? '')
  const state: State = { received: 0, etag: undefined }
  const attempt = () => receive(wanted, part, state)
  await withPatience({ ...wanted, progressed: () => state.received, attempt })
  let found = await digestFile(part)
  if (!sums.includes(found) && state.received < (await stat(part)).size) {
    // the beginning came from an earlier process: perhaps from another file under the same address
    await rm(part)
    await withPatience({ ...wanted, progressed: () => state.received, attempt })
    found = await digestFile(part)
  }
  if (!sums.includes(found)) {
    const { size } = await stat(part)
    await rm(part)
    const seen = `sha256 ${found} (${size} bytes from ${withoutPassword(url)})`
    throw failure('DOWNLOAD_BROKEN', { name: what, expected: `sha256 ${sums.join(' or ')}`, found: seen })
  }
  await move(part, file)
}

interface State {
  /** by this process, over all attempts */
  received: number
  etag: string | undefined
}

/** Appends what is missing; begins anew where the server does not serve parts, or another file by now. */
async function receive(wanted: RemoteFile, part: string, state: State): Promise<void> {
  const { url, headers, silenceMs, kind, onBytes } = wanted
  const start = await sizeOf(part)
  const from = start === 0 ? {} : { range: `bytes=${start}-`, ...(state.etag && { 'if-range': state.etag }) }
  const answer = await get({ url, headers: { ...headers, ...from }, ...(silenceMs && { silenceMs }) })
  if (answer.status === 416) {
    answer.body.resume()
    if (totalOf(answer) === start) return // an earlier process ended between the last byte and the check
    await rm(part)
    throw new Trouble('the file has changed')
  }
  accept(answer)
  const resumed = answer.status === 206
  if (resumed && startOf(answer) !== start) {
    answer.body.destroy()
    await rm(part)
    throw new Trouble('another part than the wanted one came')
  }
  state.etag = answer.headers.etag?.startsWith('W/') ? undefined : answer.headers.etag
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      state.received += chunk.length
      countFetched(kind, chunk.length)
      onBytes?.(chunk.length)
      yield chunk
    }
  }
  await pipeline(answer.body, counted, createWriteStream(part, { flags: resumed ? 'a' : 'w' }))
  const total = resumed ? totalOf(answer) : Number(answer.headers['content-length'] ?? Number.NaN)
  const size = await sizeOf(part)
  if (total !== undefined && size < total) throw new Trouble(`broke off after ${size} of ${total} bytes`)
}

/** Throws for a status that is no success, with the connection free again. */
export function accept({ status, body }: Answer): void {
  try {
    requireSuccess(status)
  } catch (error) {
    body.resume()
    throw error
  }
}

/** Of `content-range: bytes 5-9/10`: 5. */
export function startOf({ headers }: Answer): number {
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN)
}

/** Of `content-range: bytes 5-9/10`: 10; undefined where the server does not say. */
export function totalOf({ headers }: Answer): number | undefined {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  return total === undefined ? undefined : Number(total)
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

/** The wanted place may be on another file system than the cache. */
async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    await copyFile(from, to)
    await rm(from)
  })
}
