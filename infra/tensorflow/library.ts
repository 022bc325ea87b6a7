// Which TensorFlow library the addon is built against: one out of Python wheels, or the archive that tfjs itself would fetch.
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { failure } from '../../schemas/failures.ts'
import { formatBytes } from '../downloads/format-bytes.ts'
import { VERSIONS } from '../downloads/versions.ts'

/** cpu: any Linux machine. cuda: NVIDIA GPUs, x64 only. */
export type NativeVariant = 'cpu' | 'cuda'

/** wheel: the newest TensorFlow, out of the package index. stock: the C library that @tensorflow/tfjs-node's own install script names, by HTTP. */
export type LibrarySource = 'wheel' | 'stock'

export const LIBRARY_SOURCES: readonly LibrarySource[] = ['wheel', 'stock']

export interface NativeLibrary {
  readonly source: LibrarySource
  readonly variant: NativeVariant
  /** version of TensorFlow; "own" for an archive of a mirror that is not tfjs's */
  readonly version: string
  /** of its folder in the cache and of all that is built against it, e.g. "tensorflow-2.21.0-cpu-x64" */
  readonly name: string
  /** what the addon is linked with, in the library's folder */
  readonly files: readonly [string, string]
}

/** Where a library lies once it is there; `include/` is inside. */
export function libraryFolder({ name }: Pick<NativeLibrary, 'name'>, cacheDir: string): string {
  return path.join(cacheDir, name, 'tensorflow')
}

export function wheelLibrary(variant: NativeVariant): NativeLibrary {
  const version = VERSIONS.tensorflow
  const name = `tensorflow-${version}-${variant}-${process.arch}`
  return { source: 'wheel', variant, version, name, files: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] }
}

/** Throws PREREQUISITE_MISSING where the disk of `folder` has less than `bytes` left. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= bytes) return
  throw failure('PREREQUISITE_MISSING', {
    name: `${formatBytes(bytes)} of free disk space`,
    purpose: 'the TensorFlow library',
    found: `${formatBytes(bavail * bsize)} in ${path.dirname(folder)}`,
    fix: 'free some space, or set SLUICE_CACHE to a folder on another disk',
  })
}
