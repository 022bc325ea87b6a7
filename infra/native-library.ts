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

const SOURCES = {
  cpu: { lock: 'tensorflow-cpu.txt', download: '274 MB', freeBytes: 1.6e9 },
  // there is no tensorflow-cpu for arm64; the plain wheel is the same there
  cpuArm: { lock: 'tensorflow.txt', download: '290 MB', freeBytes: 1.6e9 },
  cuda: { lock: 'tensorflow-cuda.txt', download: '3.4 GB', freeBytes: 9e9 },
} as const

const FROM_TENSORFLOW =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/c\/|tsl\/platform\/ctstring|xla\/tsl\/c\/))|\.dist-info\/licenses?/i
const FROM_CUDA = /^nvidia\/[^/]+\/(lib\/.*\.so|nvvm\/libdevice|bin\/ptxas)|licen[cs]e/i

/** Folder of the shared libraries, which also holds `include/`. Throws when it cannot be fetched whole. */
export async function ensureTensorflow(variant: NativeVariant, { cacheDir, say }: Fetching): Promise<string> {
  const name = `tensorflow-${VERSIONS.tensorflow}-${variant}-${process.arch}`
  const folder = await cachedFolder({
    cacheDir,
    name,
    fill: async (unfinished) => {
      const source = SOURCES[variant === 'cpu' && process.arch === 'arm64' ? 'cpuArm' : variant]
      await requireSpace(unfinished, source.freeBytes)
      say(`fetching TensorFlow ${VERSIONS.tensorflow} for ${variant} (${source.download})`)
      const wheels = path.join(unfinished, 'wheels')
      const what = 'the TensorFlow library'
      await pipDownload({ lock: source.lock, folder: wheels, what, say }, wheelPlatform())
      say('unpacking TensorFlow')
      for (const wheel of await readdir(wheels)) await unpack(path.join(wheels, wheel), unfinished)
      await rm(wheels, { recursive: true })
    },
  })
  return path.join(folder, 'tensorflow')
}

async function unpack(wheel: string, folder: string): Promise<void> {
  const isTensorflow = path.basename(wheel).startsWith('tensorflow')
  const wanted = isTensorflow ? FROM_TENSORFLOW : FROM_CUDA
  await extractMembers(wheel, folder, (name) => wanted.test(name))
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
    name: `${bytes / 1e9} GB of free disk space`,
    purpose: 'the TensorFlow library',
    found: `${((bavail * bsize) / 1e9).toFixed(1)} GB in ${path.dirname(folder)}`,
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
