// Registries on loopback for a root without a network: each file is fetched once from what this machine is set to, and kept in the cache.
import { createHash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { get } from '../../../infra/downloads/http.ts'
import { mavenRepository, packageIndexes, type Registry } from '../../../infra/downloads/registries.ts'

export interface CachingMirror {
  readonly index: string
  readonly maven: string
  /** bytes sent so far, by registry */
  readonly sent: Record<string, number>
  close(): void
}

interface Kept {
  readonly file: string
  readonly type: string
}

/** Of wheels and jars; the files lie in `folder`. */
export async function startCachingMirror(folder: string): Promise<CachingMirror> {
  mkdirSync(folder, { recursive: true })
  const sent: Record<string, number> = {}
  let own = ''
  const [index] = packageIndexes() as [Registry]
  const routes: Readonly<Record<string, (rest: string) => Registry>> = {
    simple: (rest) => ({ ...index, url: new URL(rest, index.url).href }),
    maven: (rest) => ({ ...mavenRepository(), url: new URL(rest, mavenRepository().url).href }),
    files: (rest) => ({ url: Buffer.from(rest.split('/')[0] ?? '', 'base64url').toString(), headers: {} }),
  }
  const server = http.createServer(async (request, response) => {
    const [, kind = '', rest = ''] = /^\/(\w+)\/(.*)$/.exec(request.url ?? '') ?? []
    const registry = routes[kind]?.(rest)
    try {
      if (registry === undefined || request.method !== 'GET') return void response.writeHead(404).end()
      const accept = request.headers.accept ?? '*/*'
      const kept = await keep({ folder, registry, accept, own, rewrite: kind === 'simple' })
      if (kept === undefined) return void response.writeHead(404).end()
      const { size } = statSync(kept.file)
      const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
      const start = Number(from ?? 0)
      const end = to ? Math.min(Number(to) + 1, size) : size
      const range = from === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }
      response.writeHead(from === undefined ? 200 : 206, {
        'content-type': kept.type,
        'content-length': end - start,
        ...range,
      })
      sent[kind] = (sent[kind] ?? 0) + end - start
      await pipeline(createReadStream(kept.file, { start, end: end - 1 }), response)
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { index: `${own}/simple/`, maven: `${own}/maven/`, sent, close }
}

interface Wanted {
  readonly folder: string
  readonly registry: Registry
  readonly accept: string
  readonly own: string
  /** links of an index's page lead to this mirror */
  readonly rewrite: boolean
}

async function keep({ folder, registry: { url, headers }, accept, own, rewrite }: Wanted): Promise<Kept | undefined> {
  const wants = rewrite ? 'text/html' : accept
  const file = path.join(folder, createHash('sha256').update(`${url} ${wants}`).digest('hex'))
  if (!existsSync(`${file}.type`)) {
    const answer = await get({ url, headers: { accept: wants, ...headers } })
    if (answer.status !== 200) {
      answer.body.resume()
      return undefined
    }
    const unfinished = `${file}.${process.pid}.${Math.random()}`
    await pipeline(answer.body, createWriteStream(unfinished))
    renameSync(unfinished, file)
    writeFileSync(`${file}.type`, answer.headers['content-type'] ?? 'application/octet-stream')
  }
  const type = readFileSync(`${file}.type`, 'utf8')
  if (!rewrite) return { file, type }
  const page = readFileSync(file, 'utf8').replaceAll(/href="([^"#]+)/g, (_, link: string) => {
    const target = new URL(link.replaceAll('&amp;', '&'), url).href
    return `href="${own}/files/${Buffer.from(target).toString('base64url')}/${path.posix.basename(new URL(target).pathname)}`
  })
  writeFileSync(`${file}.page`, page)
  return { file: `${file}.page`, type }
}
