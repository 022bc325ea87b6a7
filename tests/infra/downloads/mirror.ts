// A package registry on loopback, which can be told to break off, to be slow, or to know nothing of ranges.
import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import zlib from 'node:zlib'

export interface Request {
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

export interface Mirror {
  readonly url: string
  readonly requests: Request[]
  /** path → body, or an answer of one's own; anything else is 404 */
  readonly files: Map<string, Buffer | http.RequestListener>
  close(): void
}

export interface MirrorOptions {
  /** default: true */
  readonly ranges?: boolean
  /** connections are cut after so many bytes, so many times */
  readonly cut?: { readonly afterBytes: number; times: number }
}

export async function startMirror({ ranges = true, cut }: MirrorOptions = {}): Promise<Mirror> {
  const files = new Map<string, Buffer | http.RequestListener>()
  const requests: Request[] = []
  const server = http.createServer((request, response) => {
    // what comes through a proxy is an address, else a path
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://any').pathname)
    const { range, authorization } = request.headers
    requests.push({ path, range, authorization })
    const file = files.get(path)
    if (typeof file === 'function') return file(request, response)
    if (file === undefined) return response.writeHead(404).end()
    const [, from, to] = (ranges && /^bytes=(\d+)-(\d*)$/.exec(range ?? '')) || []
    const start = Number(from ?? 0)
    if (start >= file.length) return response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
    const end = to ? Math.min(Number(to) + 1, file.length) : file.length
    const body = file.subarray(start, end)
    const headers = { 'content-length': body.length, etag: `"${sha256(file).slice(0, 8)}"` }
    if (from === undefined) response.writeHead(200, headers)
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end - 1}/${file.length}` })
    if (cut === undefined || cut.times === 0 || body.length <= cut.afterBytes) return response.end(body)
    cut.times--
    return response.write(body.subarray(0, cut.afterBytes), () => setTimeout(() => response.destroy(), 20))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url, requests, files, close }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A zip file as wheels are, with every second member deflated. */
export function zipOf(members: Readonly<Record<string, Buffer>>): Buffer {
  const bodies: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const [index, [name, plain]] of Object.entries(members).entries()) {
    const deflated = index % 2 === 1
    const packed = deflated ? zlib.deflateRawSync(plain) : plain
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(deflated ? 8 : 0, 4)
    fields.writeUInt32LE(zlib.crc32(plain), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(plain.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const title = Buffer.from(name)
    const end = Buffer.alloc(14)
    end.writeUInt32LE(((name.includes('scripts/') ? 0o100755 : 0o100644) << 16) >>> 0, 6)
    end.writeUInt32LE(at, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, title, packed])
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), fields, end, title]))
    bodies.push(local)
    at += local.length
  }
  const directory = Buffer.concat(entries)
  const record = Buffer.alloc(22)
  record.write('PK\x05\x06', 'latin1')
  record.writeUInt16LE(entries.length, 8)
  record.writeUInt16LE(entries.length, 10)
  record.writeUInt32LE(directory.length, 12)
  record.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, directory, record])
}
