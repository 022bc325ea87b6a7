// The TensorFlow shared libraries and C headers out of Python wheels; nothing of Python is used but pip, the downloader.
import { existsSync } from 'node:fs'
import { chmod, readdir, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../schemas/failures.ts'
import { cachedFolder } from './cache.ts'
import { pipDownload } from './pip.ts'
import type { Fetching } from './toolchains.ts'
import { VERSIONS } from './versions.ts'
import { extractMembers } from './zip.ts'

/** cpu: any Linux machine. cuda: NVIDIA GPUs, x64 only. */
export type NativeVariant = 'cpu' | 'cuda'

export const LIBRARY_FILES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const

export interface LibrarySource {
  /** file name in infra/locks */
  readonly lock: string
  readonly downloadBytes: number
  /** of the unpacked libraries and headers */
  readonly diskBytes: number
  /** needed while wheels and unpacked files lie side by side */
  readonly freeBytes: number
}

const SOURCES = {
  cpu: { lock: 'tensorflow-cpu.txt', downloadBytes: 274e6, diskBytes: 0.8e9, freeBytes: 1.6e9 },
  // there is no tensorflow-cpu for arm64; the plain wheel is the same there
  cpuArm: { lock: 'tensorflow.txt', downloadBytes: 290e6, diskBytes: 0.8e9, freeBytes: 1.6e9 },
  cuda: { lock: 'tensorflow-cuda.txt', downloadBytes: 3.4e9, diskBytes: 5.3e9, freeBytes: 9e9 },
} as const satisfies Record<string, LibrarySource>

const FROM_TENSORFLOW =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/c\/|tsl\/platform\/ctstring|xla\/tsl\/c\/))|\.dist-info\/licenses?/i
const FROM_CUDA = /^nvidia\/[^/]+\/(lib\/.*\.so|nvvm\/libdevice|bin\/ptxas)|licen[cs]e/i

/** Which wheels hold the library of a variant, and what they take. */
export function librarySource(variant: NativeVariant, arch: string = process.arch): LibrarySource {
  return SOURCES[variant === 'cpu' && arch === 'arm64' ? 'cpuArm' : variant]
}

/** The wheels that a lock file names, e.g. "nvidia-cublas-cu12 12.9.3.13". */
export function wheelsOf(lockText: string): string[] {
  return [...lockText.matchAll(/^([\w-]+)==(\S+)/gm)].map(([, name, version]) => `${name} ${version}`)
}

/**
 * True for what is unpacked of a wheel: shared libraries, the headers that the addon needs, licences.
 * NVIDIA's keep their place beside `tensorflow/`, because the CUDA library looks for them at `$ORIGIN/../nvidia/<part>/lib`.
 */
export function isWantedMember(wheel: string, member: string): boolean {
  return (path.basename(wheel).startsWith('tensorflow') ? FROM_TENSORFLOW : FROM_CUDA).test(member)
}

/** Where the library of a variant lies once it is there; `include/` is inside. */
export function libraryFolder(variant: NativeVariant, cacheDir: string): string {
  return path.join(cacheDir, cacheName(variant), 'tensorflow')
}

function cacheName(variant: NativeVariant): string {
  return `tensorflow-${VERSIONS.tensorflow}-${variant}-${process.arch}`
}

/** Folder of the shared libraries, which also holds `include/`. Throws when it cannot be fetched whole. */
export async function ensureTensorflow(variant: NativeVariant, { cacheDir, say }: Fetching): Promise<string> {
  await cachedFolder({
    cacheDir,
    name: cacheName(variant),
    fill: async (unfinished) => {
      const source = librarySource(variant)
      await requireSpace(unfinished, source.freeBytes)
      say(`fetching TensorFlow ${VERSIONS.tensorflow} for ${variant} (${formatBytes(source.downloadBytes)})`)
      const wheels = path.join(unfinished, 'wheels')
      const what = 'the TensorFlow library'
      await pipDownload({ lock: source.lock, folder: wheels, what, say }, wheelPlatform())
      say('unpacking TensorFlow')
      for (const wheel of await readdir(wheels)) await unpack(path.join(wheels, wheel), unfinished)
      await rm(wheels, { recursive: true })
    },
  })
  return libraryFolder(variant, cacheDir)
}

/** e.g. "3.4 GB"; powers of ten, as downloads are measured. */
export function formatBytes(bytes: number): string {
  return bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
}

async function unpack(wheel: string, folder: string): Promise<void> {
  const isTensorflow = path.basename(wheel).startsWith('tensorflow')
  await extractMembers(wheel, folder, (name) => isWantedMember(wheel, name))
  const missing = LIBRARY_FILES.filter((file) => !existsSync(path.join(folder, 'tensorflow', file)))
  if (isTensorflow && missing.length > 0) {
    throw failure('DOWNLOAD_BROKEN', { name: wheel, expected: missing.join(', '), found: 'none of them' })
  }
  const assembler = path.join(folder, 'nvidia', 'cuda_nvcc', 'bin', 'ptxas')
  if (existsSync(assembler)) await chmod(assembler, 0o755) // zip members lose their mode
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= bytes) return
  throw failure('PREREQUISITE_MISSING', {
    name: `${formatBytes(bytes)} of free disk space`,
    purpose: 'the TensorFlow library',
    found: `${formatBytes(bavail * bsize)} in ${path.dirname(folder)}`,
    fix: 'free some space, or set SLUICE_CACHE to a folder on another disk',
  })
}

/** The wheel is chosen by these, not by the local Python, which is only the downloader. */
function wheelPlatform(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const glibcs = ['_2_28', '_2_27', '_2_25', '_2_24', '_2_17', '2014', '_2_12', '2010', '1']
  return [
    ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--abi', 'abi3', '--abi', 'none'],
    ...glibcs.flatMap((glibc) => ['--platform', `manylinux${glibc}_${machine}`]),
  ]
}
