// Of a large wheel only the members that are wanted, by Range requests: the file on disk has holes where the others lie.
import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { accept, type RemoteFile, startOf, totalOf } from './fetch-file.ts'
import { type Answer, get, Trouble } from './http.ts'
import { ownPart } from './part.ts'
import { withPatience } from './patience.ts'
import { sideBySide } from './side-by-side.ts'
import { countFetched } from './tally.ts'
import { directoryOf, END_RECORD_MAX_BYTES, listMembers, type Member } from './zip.ts'

/** [start, end) in the remote file. */
interface Range {
  readonly start: number
  readonly end: number
}

/** Gaps up to this size are fetched too: a request costs as much as they do. */
const GAP_BYTES = 1 << 19
/** Of one request: a broken one loses no more, and several run side by side. */
const RANGE_BYTES = 8 << 20
const AT_ONCE = 4
/** A member's own header before its bytes: fixed part, name, and extra fields that the directory does not tell. */
const HEADER_BYTES = 30 + 1024

/**
 * → a file with holes, in which the wanted members can be read; undefined where the server serves no parts.
 * An unfinished one is gone on with by the next call. The whole file's sum cannot be checked: the caller checks the members.
 */
export async function fetchParts(
  remote: Omit<RemoteFile, 'file' | 'sha256'> & { readonly sha256: string },
  wanted: (member: string) => boolean,
): Promise<string | undefined> {
  const total = await sizeByRange(remote)
  if (total === undefined) return undefined
  const part = await ownPart(remote.cacheDir, remote.sha256)
  const handle = await open(part, 'a').then(async (created) => {
    await created.close() // made where it is not there
    return open(part, 'r+')
  })
  try {
    const done = await readDone(part)
    const journal = await open(`${part}.ranges`, 'a')
    try {
      await handle.truncate(total)
      const take = (ranges: readonly Range[]) => fetchRanges({ remote, total, handle, journal, done }, ranges)
      await take([{ start: Math.max(0, total - END_RECORD_MAX_BYTES), end: total }])
      await take([await directoryOf(handle, part)])
      const members = (await listMembers(handle, part)).filter(({ name }) => wanted(name))
      await take(rangesOf(members, total))
    } finally {
      await journal.close()
    }
  } finally {
    await handle.close()
  }
  await rm(`${part}.ranges`)
  return part
}

/** Neighbours in one range, large ones in several. */
export function rangesOf(members: readonly Pick<Member, 'headerAt' | 'packedBytes'>[], total: number): Range[] {
  const joined: { start: number; end: number }[] = []
  for (const { headerAt: start, packedBytes } of members.toSorted((a, b) => a.headerAt - b.headerAt)) {
    const end = Math.min(total, start + HEADER_BYTES + packedBytes)
    const last = joined.at(-1)
    if (last !== undefined && start - last.end <= GAP_BYTES) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined.flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / RANGE_BYTES) }, (_, piece) => {
      const from = start + piece * RANGE_BYTES
      return { start: from, end: Math.min(end, from + RANGE_BYTES) }
    }),
  )
}

interface Filling {
  readonly remote: Omit<RemoteFile, 'file' | 'sha256'>
  readonly total: number
  readonly handle: FileHandle
  readonly journal: FileHandle
  /** "start end" of the ranges that are there */
  readonly done: Set<string>
}

async function fetchRanges(filling: Filling, ranges: readonly Range[]): Promise<void> {
  await sideBySide(ranges, AT_ONCE, async (range) => {
    const name = `${range.start} ${range.end}`
    if (filling.done.has(name)) return
    let at = range.start
    const arrived = (bytes: number) => {
      at += bytes
    }
    const attempt = () => receiveRange(filling, { start: at, end: range.end }, arrived)
    await withPatience({ ...filling.remote, progressed: () => at, attempt })
    filling.done.add(name)
    await filling.journal.write(`${name}\n`)
  })
}

async function receiveRange(
  { remote, total, handle }: Filling,
  { start, end }: Range,
  arrived: (bytes: number) => void,
): Promise<void> {
  if (start === end) return
  const answer = await ask(remote, `bytes=${start}-${end - 1}`)
  if (answer.status !== 206 || startOf(answer) !== start || totalOf(answer) !== total) {
    answer.body.destroy()
    throw new Trouble('another part than the wanted one came')
  }
  let at = start
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    await handle.write(chunk, 0, chunk.length, at)
    at += chunk.length
    arrived(chunk.length)
    remote.onBytes?.(chunk.length)
    countFetched(remote.kind, chunk.length)
  }
  if (at < end) throw new Trouble(`broke off after ${at - start} of ${end - start} bytes`)
}

/** undefined: the server answers with the whole file. */
async function sizeByRange(remote: Filling['remote']): Promise<number | undefined> {
  const attempt = async () => {
    const answer = await ask(remote, 'bytes=0-0')
    if (answer.status === 206) answer.body.resume()
    else answer.body.destroy()
    return answer.status === 206 && startOf(answer) === 0 ? totalOf(answer) : undefined
  }
  return await withPatience({ ...remote, progressed: () => 0, attempt })
}

async function ask({ url, headers, silenceMs }: Filling['remote'], range: string): Promise<Answer> {
  const answer = await get({ url, headers: { ...headers, range }, ...(silenceMs && { silenceMs }) })
  accept(answer)
  return answer
}

async function readDone(part: string): Promise<Set<string>> {
  const text = await readFile(`${part}.ranges`, 'utf8').catch(() => '')
  return new Set(text.split('\n'))
}
