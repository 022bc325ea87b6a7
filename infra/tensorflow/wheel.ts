// The TensorFlow shared libraries and C headers out of Python wheels; nothing of Python is used.
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import { formatBytes } from '../downloads/format-bytes.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { fetchWheels } from '../downloads/wheels.ts'
import { type NativeLibrary, type NativeVariant, requireSpace } from './library.ts'

export interface WheelSource {
  /** file name in infra/locks */
  readonly lock: string
  readonly downloadBytes: number
  /** of the unpacked libraries and headers */
  readonly diskBytes: number
  /** needed while wheels and unpacked files lie side by side */
  readonly freeBytes: number
}

const SOURCES = {
  cpu: { lock: 'tensorflow-cpu.txt', downloadBytes: 195e6, diskBytes: 0.8e9, freeBytes: 1.6e9 },
  // there is no tensorflow-cpu for arm64; the plain wheel is the same there
  cpuArm: { lock: 'tensorflow.txt', downloadBytes: 290e6, diskBytes: 0.8e9, freeBytes: 1.6e9 },
  cuda: { lock: 'tensorflow-cuda.txt', downloadBytes: 3.4e9, diskBytes: 5.3e9, freeBytes: 9e9 },
} as const satisfies Record<string, WheelSource>

const FROM_TENSORFLOW =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/c\/|tsl\/platform\/ctstring|xla\/tsl\/c\/))|\.dist-info\/licenses?/i
const FROM_CUDA = /^nvidia\/[^/]+\/(lib\/.*\.so|nvvm\/libdevice|bin\/ptxas)|licen[cs]e/i

/** Which wheels hold the library of a variant, and what they take. */
export function wheelSource(variant: NativeVariant, arch: string = process.arch): WheelSource {
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

/** Fills the library's folder in the cache where it is absent. Throws when it cannot be fetched whole. */
export async function ensureWheelLibrary(library: NativeLibrary, { cacheDir, say }: Fetching): Promise<void> {
  await cachedFolder({
    cacheDir,
    name: library.name,
    fill: async (unfinished) => {
      const source = wheelSource(library.variant)
      await requireSpace(unfinished, source.freeBytes)
      say(`fetching TensorFlow ${library.version} for ${library.variant} (${formatBytes(source.downloadBytes)})`)
      const { lock, downloadBytes: totalBytes } = source
      const what = 'the TensorFlow library'
      const wanted = isWantedMember
      await fetchWheels({ lock, folder: unfinished, what, kind: 'tensorflow', cacheDir, say, totalBytes, wanted })
      await checkPlaced(unfinished, library.files)
    },
  })
}

async function checkPlaced(folder: string, files: readonly string[]): Promise<void> {
  const missing = files.filter((file) => !existsSync(path.join(folder, 'tensorflow', file)))
  if (missing.length > 0) {
    throw failure('DOWNLOAD_BROKEN', {
      name: 'the TensorFlow library',
      expected: missing.join(', '),
      found: 'none of them',
    })
  }
  const assembler = path.join(folder, 'nvidia', 'cuda_nvcc', 'bin', 'ptxas')
  if (existsSync(assembler)) await chmod(assembler, 0o755)
}
