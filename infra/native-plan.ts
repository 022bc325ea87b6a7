// What setting up the native backend would do on this machine, told before anything is downloaded.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { chooseVariant, readStamp } from './native.ts'
import { findAddonPackage } from './native-addon.ts'
import { libraryFolder, librarySource, type NativeVariant, wheelsOf } from './native-library.ts'
import { type Refused, refused, unfitPlatform } from './native-platform.ts'
import { LOCKS_DIR } from './pip.ts'
import { VERSIONS } from './versions.ts'

export interface NativePlan {
  readonly ok: true
  readonly variant: NativeVariant
  /** version of the library */
  readonly tensorflow: string
  /** e.g. "tensorflow-cpu 2.21.0" */
  readonly wheels: readonly string[]
  /** where the library lies, or will */
  readonly libraryDir: string
  /** where the addon lies, or will */
  readonly addon: string
  /** 0: the library is there */
  readonly downloadBytes: number
  readonly diskBytes: number
  /** true: everything is built and was seen to compute */
  readonly ready: boolean
}

/** `gpu` as in ensureNative. Looks only. */
export async function planNative(options: { cacheDir: string; gpu?: boolean }): Promise<NativePlan | Refused> {
  const source = findAddonPackage()
  if (source === undefined) return refused('@tensorflow/tfjs-node-gpu is not installed', 'npm install')
  const unfit = unfitPlatform()
  if (unfit !== undefined) return unfit
  if (options.gpu && process.arch !== 'x64')
    return refused(`NVIDIA's libraries come for x64, this is ${process.arch}`, 'leave out --gpu')
  const variant = await chooseVariant(source, options.gpu)
  const stamp = readStamp(source, variant)
  const libraryDir = stamp?.libraryDir ?? libraryFolder(variant, path.resolve(options.cacheDir))
  const { lock, downloadBytes, diskBytes } = librarySource(variant)
  return {
    ...{ ok: true, variant, tensorflow: VERSIONS.tensorflow, libraryDir, addon: source.addon, diskBytes },
    wheels: wheelsOf(readFileSync(path.join(LOCKS_DIR, lock), 'utf8')),
    downloadBytes: existsSync(libraryDir) ? 0 : downloadBytes,
    ready: stamp !== undefined,
  }
}
