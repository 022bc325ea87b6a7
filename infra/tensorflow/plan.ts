// What setting up the native backend would do on this machine, told before anything is downloaded.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { LOCKS_DIR } from '../downloads/locks.ts'
import { findAddonPackage } from './addon.ts'
import { builtLibrary, chooseVariant, type LibraryWish, librariesOf } from './choice.ts'
import { type LibrarySource, libraryFolder, type NativeLibrary, type NativeVariant } from './library.ts'
import { type Refused, refused, unfitPlatform } from './platform.ts'
import { type ArchiveWish, stockArchive } from './stock.ts'
import { wheelSource, wheelsOf } from './wheel.ts'

export interface NativePlan {
  readonly ok: true
  readonly variant: NativeVariant
  /** version of the library; "own" for an archive of one's own */
  readonly tensorflow: string
  readonly source: LibrarySource
  /** e.g. "tensorflow-cpu 2.21.0"; empty for the stock archive */
  readonly wheels: readonly string[]
  /** address of the stock archive; null for wheels */
  readonly archive: string | null
  /** where the library lies, or will */
  readonly libraryDir: string
  /** where the addon lies, or will */
  readonly addon: string
  /** 0: the library is there; null: not known before */
  readonly downloadBytes: number | null
  readonly diskBytes: number | null
  /** true: everything is built and was seen to compute */
  readonly ready: boolean
}

/** Looks only. Of several libraries that would do, the one that is built, else the first. */
export async function planNative(options: LibraryWish & { cacheDir: string }): Promise<NativePlan | Refused> {
  const addonPackage = findAddonPackage()
  if (addonPackage === undefined) return refused('@tensorflow/tfjs-node-gpu is not installed', 'npm install')
  const unfit = unfitPlatform()
  if (unfit !== undefined) return unfit
  if (options.gpu && process.arch !== 'x64')
    return refused(`NVIDIA's libraries come for x64, this is ${process.arch}`, 'leave out --gpu')
  const variant = await chooseVariant(addonPackage, options)
  const libraries = librariesOf(variant, options)
  const { library, stamp } = builtLibrary(addonPackage, libraries) ?? { library: libraries[0]!, stamp: undefined }
  const libraryDir = stamp?.libraryDir ?? libraryFolder(library, path.resolve(options.cacheDir))
  const origin = originOf(library, options.archive)
  return {
    ok: true,
    variant,
    tensorflow: library.version,
    source: library.source,
    libraryDir,
    addon: addonPackage.addon,
    ready: stamp !== undefined,
    ...origin,
    downloadBytes: existsSync(libraryDir) ? 0 : origin.downloadBytes,
  }
}

function originOf(
  { source, variant }: NativeLibrary,
  archive: ArchiveWish | undefined,
): Pick<NativePlan, 'wheels' | 'archive' | 'downloadBytes' | 'diskBytes'> {
  if (source === 'stock') {
    return { wheels: [], archive: stockArchive(variant, archive).url, downloadBytes: null, diskBytes: null }
  }
  const { lock, downloadBytes, diskBytes } = wheelSource(variant)
  const wheels = wheelsOf(readFileSync(path.join(LOCKS_DIR, lock), 'utf8'))
  return { wheels, archive: null, downloadBytes, diskBytes }
}
