// The stock archive of TensorFlow's C library: where it is from, and what is refused of what comes.
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import { findAddonPackage } from '../../../infra/tensorflow/addon.ts'
import { SUMS_FILE } from '../../../infra/tensorflow/checksums.ts'
import { downloadFile } from '../../../infra/tensorflow/download.ts'
import { libraryFolder } from '../../../infra/tensorflow/library.ts'
import { ensureNative } from '../../../infra/tensorflow/native.ts'
import { type ArchiveWish, ensureStockLibrary, stockArchive, stockLibrary } from '../../../infra/tensorflow/stock.ts'
import type { FailureCode } from '../../../schemas/failures.ts'
import { listen } from '../../setup/listen.ts'
import { archiveOf, serveArchive } from '../archives.ts'
import { fakePrograms } from '../programs.ts'

const HEADER = 'include/tensorflow/c/c_api.h'
const GOOD = archiveOf({
  'lib/libtensorflow.so.2': 'library',
  'lib/libtensorflow_framework.so.2': 'framework',
  [HEADER]: 'header',
  LICENSE: 'terms',
})

const { PATH = '' } = process.env
const before = { ...process.env }
const closing: (() => void)[] = []
let cacheDir: string
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-stock-'))
})
afterEach(() => {
  process.env = { ...before }
  for (const close of closing.splice(0)) close()
  rmSync(cacheDir, { recursive: true })
})

async function serve(answer: RequestListener | Buffer, name = 'mine.tar.gz') {
  const server = await serveArchive(answer)
  closing.push(() => server.close())
  return { ...server, url: server.url(name) }
}

/** → the library's folder. */
async function fetchStock(wish: ArchiveWish): Promise<string> {
  const library = stockLibrary('cpu', wish)
  await ensureStockLibrary(library, stockArchive('cpu', wish), { cacheDir, say: () => {} })
  return libraryFolder(library, cacheDir)
}

describe('the address', () => {
  const require = createRequire(import.meta.url)
  const { folder = '' } = findAddonPackage() ?? {}
  const read = (file: string): string => readFileSync(path.join(folder, 'scripts', file), 'utf8')

  it('is the one of the package', () => {
    const { LIBTENSORFLOW_VERSION: version } = require(path.join(folder, 'scripts', 'deps-constants.js'))
    expect(VERSIONS.libtensorflow).toBe(version)
    const host = 'https://storage.googleapis.com/'
    const start = `\${BASE_HOST}tensorflow/libtensorflow/libtensorflow-`
    expect(read('install.js')).toContain(`'${host}'`)
    expect(read('install.js')).toContain(`\`${start}\``)
    const base = start.replace(`\${BASE_HOST}`, host)
    expect(stockArchive('cpu', {}, 'x64').url).toBe(`${base}cpu-linux-x86_64-${version}.tar.gz`)
    expect(stockArchive('cuda', {}, 'x64').url).toBe(`${base}gpu-linux-x86_64-${version}.tar.gz`)
    const arm = stockArchive('cpu', {}, 'arm64').url
    expect(read('install.js')).toContain(arm.replace(host, `\${BASE_HOST}`))
  })
  it('of a mirror keeps name and sum', () => {
    const known = stockArchive('cpu')
    const url = `https://mirror.test/tf/${path.posix.basename(known.url)}`
    expect(stockArchive('cpu', { url })).toEqual({ url, sha256: known.sha256 })
    expect(stockLibrary('cpu', { url })).toEqual(stockLibrary('cpu'))
  })
  it('of another archive makes another library', () => {
    const [one, two] = ['https://mirror.test/one.tgz', 'https://mirror.test/two.tgz']
    expect(stockArchive('cpu', { url: one }).sha256).toBeUndefined()
    const names = [undefined, one, two].map((url) => stockLibrary('cpu', { url }).name)
    expect(new Set(names).size).toBe(3)
  })
})

describe('an archive', () => {
  it('becomes libraries with headers inside', async () => {
    const server = await serve(GOOD)
    const folder = await fetchStock({ url: server.url })
    expect(readFileSync(path.join(folder, 'libtensorflow.so.2'), 'utf8')).toBe('library')
    expect(readFileSync(path.join(folder, HEADER), 'utf8')).toBe('header')
    expect(readdirSync(path.dirname(folder)).sort()).toEqual(['LICENSE', 'tensorflow'])
    await fetchStock({ url: server.url })
    expect(server.asked).toEqual(['/mine.tar.gz']) // once
  })
  it('may lie on this machine', async () => {
    const file = path.join(cacheDir, 'here.tar.gz')
    writeFileSync(file, GOOD)
    const folder = await fetchStock({ url: pathToFileURL(file).href })
    expect(existsSync(path.join(folder, 'libtensorflow_framework.so.2'))).toBe(true)
  })
  it('must be the same the next time', async () => {
    const bytes = [GOOD, archiveOf({ 'lib/libtensorflow.so.2': 'another' })]
    const server = await serve((_, response) => response.end(bytes.shift()))
    const folder = await fetchStock({ url: server.url })
    expect(JSON.parse(readFileSync(path.join(cacheDir, SUMS_FILE), 'utf8'))).toEqual({ [server.url]: sha256(GOOD) })
    rmSync(path.dirname(folder), { recursive: true })
    await expect(fetchStock({ url: server.url })).rejects.toMatchObject({
      code: 'DOWNLOAD_BROKEN',
      message: expect.stringContaining('recorded at the first download'),
    })
    expect(readdirSync(cacheDir)).toEqual([SUMS_FILE])
  })
})

describe('refused', () => {
  const whole =
    (bytes: Buffer): RequestListener =>
    (_, response) =>
      response.end(bytes)
  it.each<[string, RequestListener, FailureCode, object]>([
    [
      'an address without a file',
      (_, response) => response.writeHead(404).end('no'),
      ...(['LIBRARY_UNREACHABLE', { found: 'HTTP 404 Not Found' }] as const),
    ],
    [
      'half a file',
      (_, response) => {
        response.setHeader('content-length', GOOD.length).write(GOOD.subarray(0, 100), () => response.destroy())
      },
      ...(['DOWNLOAD_BROKEN', { expected: `${GOOD.length} bytes` }] as const),
    ],
    [
      'half an archive',
      whole(GOOD.subarray(0, GOOD.length >> 1)),
      ...(['DOWNLOAD_BROKEN', { expected: 'a whole tar.gz archive' }] as const),
    ],
    [
      'a page',
      whole(Buffer.from('<html>log in</html>')),
      ...(['DOWNLOAD_BROKEN', { expected: 'a whole tar.gz archive' }] as const),
    ],
    [
      'an archive of something else',
      whole(archiveOf({ 'readme.txt': 'hi' })),
      ...(['DOWNLOAD_BROKEN', { found: expect.stringMatching(/^readme.txt without lib\/libtensorflow/) }] as const),
    ],
  ])('%s', async (_, answer, code, facts) => {
    const { url } = await serve(answer)
    await expect(fetchStock({ url })).rejects.toMatchObject({
      code,
      facts,
      message: expect.stringContaining(url),
    })
    expect(readdirSync(cacheDir)).toEqual([]) // nothing of it, no sum either
  })
  it('other bytes under the public name', async () => {
    const server = await serve(GOOD, path.posix.basename(stockArchive('cpu').url))
    await expect(fetchStock({ url: server.url })).rejects.toMatchObject({
      code: 'DOWNLOAD_BROKEN',
      facts: { expected: `sha256 ${stockArchive('cpu').sha256}`, found: `sha256 ${sha256(GOOD)}` },
    })
    await expect(fetchStock({ url: server.url, sha256: sha256(GOOD) })).resolves.toContain(cacheDir)
  })
  it('a port where nobody listens', async () => {
    const server = createServer()
    const address = await listen(server)
    server.close()
    await once(server, 'close')
    await expect(fetchStock({ url: `http://${address}/x.tar.gz` })).rejects.toMatchObject({
      code: 'LIBRARY_UNREACHABLE',
      next: expect.stringContaining('SLUICE_LIBTENSORFLOW_URL'),
    })
  })
  it('no server that is slow, as long as something comes', async () => {
    const { url } = await serve(async (_, response) => {
      response.setHeader('content-length', 6)
      for (const piece of 'slowly') {
        response.write(piece)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      response.end()
    })
    const file = path.join(cacheDir, 'x')
    expect(await downloadFile({ url, file, say: () => {}, silenceMs: 400 })).toBe(sha256('slowly'))
    expect(readFileSync(file, 'utf8')).toBe('slowly')
  })
  it('a server that falls silent', async () => {
    const { url } = await serve((_, response) => response.setHeader('content-length', 9).write('half'))
    const silent = downloadFile({ url, file: path.join(cacheDir, 'x'), say: () => {}, silenceMs: 100 })
    await expect(silent).rejects.toMatchObject({
      code: 'DOWNLOAD_BROKEN',
      message: expect.stringMatching(/nothing came for 0.1 s/),
    })
  })
})

test.skipIf(process.platform !== 'linux')('the archive stands in for wheels', async () => {
  const { url, asked } = await serve(GOOD)
  const index = await serve((_, response) => void response.writeHead(404).end(), 'simple')
  const tools = fakePrograms({})
  for (const name of ['tar', 'gzip']) {
    const found = PATH.split(':')
      .map((folder) => path.join(folder, name))
      .find((file) => existsSync(file))
    symlinkSync(found!, path.join(tools, name))
  }
  process.env.PATH = tools
  process.env.PIP_INDEX_URL = index.url
  closing.push(() => rmSync(tools, { recursive: true }))
  const said: string[] = []
  const addonPackage = { folder: cacheDir, version: '4.22.0', addon: path.join(cacheDir, 'none.node') }
  const options = { cacheDir, addonPackage, gpu: false, archive: { url }, say: (line: string) => said.push(line) }
  // fetched and unpacked; then there is no compiler, and none to be had
  expect(await ensureNative(options)).toMatchObject({ ok: false, why: expect.stringMatching(/a C\+\+ compiler/) })
  const instead = /^the Python wheel cannot be had \(sluice could not fetch .*\); taking http:.*mine\.tar\.gz instead$/
  expect(said).toContainEqual(expect.stringMatching(instead))
  expect(asked).toHaveLength(1)
  expect(await ensureNative({ ...options, source: 'wheel' })).toMatchObject({
    ok: false,
    why: expect.stringMatching(/^sluice could not fetch the TensorFlow library/),
  })
  expect(asked).toHaveLength(1)
})
