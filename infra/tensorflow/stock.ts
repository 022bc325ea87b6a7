// TensorFlow's C library as the install script of @tensorflow/tfjs-node names it: one archive by HTTP, without pip and Python.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { readSum, recordSum, SUMS_FILE } from './checksums.ts'
import { downloadFile } from './download.ts'
import { type NativeLibrary, type NativeVariant, requireSpace } from './library.ts'

/** An archive of one's own in the place of the public one. */
export interface ArchiveWish {
  /** http, https or file */
  readonly url?: string | undefined
  /** lower-case hex; of the archive */
  readonly sha256?: string | undefined
}

export interface StockArchive {
  readonly url: string
  /** undefined: the sum of the first download is recorded and holds from then on */
  readonly sha256: string | undefined
}

interface PublicArchive extends StockArchive {
  readonly version: string
}

const STORAGE = 'https://storage.googleapis.com'
/** Sums as package recipes of several distributions pin them for the same addresses (nixpkgs, Bazel and CMake builds). */
const ARCHIVES: Readonly<Record<'cpu-x64' | 'cuda-x64' | 'cpu-arm64', PublicArchive>> = {
  'cpu-x64': {
    version: VERSIONS.libtensorflow,
    url: `${STORAGE}/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-${VERSIONS.libtensorflow}.tar.gz`,
    sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
  },
  'cuda-x64': {
    version: VERSIONS.libtensorflow,
    url: `${STORAGE}/tensorflow/libtensorflow/libtensorflow-gpu-linux-x86_64-${VERSIONS.libtensorflow}.tar.gz`,
    sha256: '20c46f761d5905f592c4eac0812e8e50d9cb439f9440a9391912cf4c02ed8be8',
  },
  'cpu-arm64': {
    version: VERSIONS.libtensorflowArm,
    url: `${STORAGE}/tf-builds/libtensorflow_r${VERSIONS.libtensorflowArm.replace('.', '_')}_linux_arm64.tar.gz`,
    sha256: '9395d1ff39f5b6847f5121e679ff4e599dc7061a2a7f87ceac061c78e908e6e3',
  },
}
const FILES = ['libtensorflow.so.2', 'libtensorflow_framework.so.2'] as const
const HEADER = 'tensorflow/c/c_api.h'
/** archive and unpacked files side by side; an estimate, the archive has not been seen */
const FREE_BYTES = { cpu: 1.5e9, cuda: 3e9 } as const

/** Which archive is fetched. A mirror of the public one is held to the public one's sum unless it brings its own. */
export function stockArchive(
  variant: NativeVariant,
  wish: ArchiveWish = {},
  arch: string = process.arch,
): StockArchive {
  const known = publicArchive(variant, arch)
  if (wish.url === undefined) return { url: known.url, sha256: wish.sha256 ?? known.sha256 }
  const mirrored = isMirror(wish.url, known)
  return { url: wish.url, sha256: wish.sha256 ?? (mirrored ? known.sha256 : undefined) }
}

/** An archive that is not the public one has a name of its own, by its address. */
export function stockLibrary(
  variant: NativeVariant,
  wish: ArchiveWish = {},
  arch: string = process.arch,
): NativeLibrary {
  const known = publicArchive(variant, arch)
  const own = wish.url !== undefined && !isMirror(wish.url, known)
  const version = own ? 'own' : known.version
  const mark = own ? `own-${sha256(Buffer.from(`${wish.url} ${wish.sha256 ?? ''}`)).slice(0, 12)}` : version
  return { source: 'stock', variant, version, name: `libtensorflow-${mark}-${variant}-${arch}`, files: FILES }
}

function publicArchive(variant: NativeVariant, arch: string): PublicArchive {
  return arch === 'arm64' ? ARCHIVES['cpu-arm64'] : ARCHIVES[`${variant}-x64`]
}

function isMirror(url: string, { url: known }: PublicArchive): boolean {
  return path.posix.basename(new URL(url).pathname) === path.posix.basename(known)
}

/**
 * Fills the library's folder in the cache where it is absent. Throws LIBRARY_UNREACHABLE, DOWNLOAD_BROKEN for other bytes than the
 * known or recorded ones and for what holds no TensorFlow, PREREQUISITE_MISSING without `tar` or space.
 */
export async function ensureStockLibrary(
  library: NativeLibrary,
  archive: StockArchive,
  { cacheDir, say }: Fetching,
): Promise<void> {
  await cachedFolder({
    cacheDir,
    name: library.name,
    fill: async (unfinished) => {
      await requireSpace(unfinished, FREE_BYTES[library.variant])
      say(`fetching libtensorflow from ${archive.url}`)
      const file = path.join(unfinished, 'archive')
      const expected = archive.sha256 ?? (await readSum(cacheDir, archive.url))
      const found = await downloadFile({ url: archive.url, file, say })
      if (expected !== undefined && expected !== found) {
        const recorded = archive.sha256 === undefined ? path.join(cacheDir, SUMS_FILE) : undefined
        throw otherBytes(archive.url, { expected, found, recorded })
      }
      say('unpacking libtensorflow')
      await unpack(file, unfinished, archive.url)
      await rm(file)
      if (expected === undefined) await recordSum(cacheDir, archive.url, found)
    },
  })
}

function otherBytes(name: string, sums: { expected: string; found: string; recorded: string | undefined }): Error {
  const { expected, found, recorded } = sums
  const origin = recorded === undefined ? '' : `, as recorded at the first download in ${recorded}`
  return failure('DOWNLOAD_BROKEN', { name, expected: `sha256 ${expected}${origin}`, found: `sha256 ${found}` })
}

/** `lib/` and `include/` of the archive become `tensorflow/` and `tensorflow/include/`, as the wheels have them. */
async function unpack(file: string, folder: string, url: string): Promise<void> {
  const unpacked = path.join(folder, 'unpacked')
  await mkdir(unpacked)
  const result = await runCommand('tar', ['-xzf', file, '-C', unpacked, '--no-same-owner'])
  if (result.code === undefined) throw tarMissing()
  if (result.code !== 0) {
    throw failure('DOWNLOAD_BROKEN', { name: url, expected: 'a whole tar.gz archive', found: lastLines(result, 2) })
  }
  const wanted = [...FILES.map((name) => path.join('lib', name)), path.join('include', HEADER)]
  const missing = wanted.filter((name) => !existsSync(path.join(unpacked, name)))
  if (missing.length > 0) {
    const found = `${(await readdir(unpacked)).join(', ') || 'nothing'} without ${missing.join(', ')}`
    throw failure('DOWNLOAD_BROKEN', { name: url, expected: `${wanted.join(', ')} in the archive`, found })
  }
  const home = path.join(folder, 'tensorflow')
  await rename(path.join(unpacked, 'lib'), home)
  await rename(path.join(unpacked, 'include'), path.join(home, 'include'))
  const licences = (await readdir(unpacked)).filter((name) => /licen[cs]e/i.test(name))
  for (const name of licences) await rename(path.join(unpacked, name), path.join(folder, name))
  await rm(unpacked, { recursive: true })
}

function tarMissing(): Error {
  const purpose = 'unpacking libtensorflow'
  return failure('PREREQUISITE_MISSING', {
    name: 'tar',
    purpose,
    found: 'none',
    fix: 'install tar and gzip with your package manager',
  })
}
