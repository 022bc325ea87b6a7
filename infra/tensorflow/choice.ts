// Which library this machine is to have: for which device and from where, by what was asked for, what was built before and what is there.
import type { AddonPackage } from './addon.ts'
import { type LibrarySource, type NativeLibrary, type NativeVariant, wheelLibrary } from './library.ts'
import { hasNvidiaGpu } from './platform.ts'
import { readStamp, type Stamp } from './stamp.ts'
import { type ArchiveWish, stockLibrary } from './stock.ts'

export interface LibraryWish {
  /** true: the CUDA library; default: where the machine has an NVIDIA GPU or was set up for one (x64 only) */
  readonly gpu?: boolean | undefined
  /** default: what was built before, else the wheel, and the stock archive where the wheel cannot be had */
  readonly source?: LibrarySource | undefined
  /** another archive than the public one, for `stock` */
  readonly archive?: ArchiveWish | undefined
}

/** The libraries that would do, best first. */
export function librariesOf(variant: NativeVariant, { source, archive }: LibraryWish): NativeLibrary[] {
  const all = [wheelLibrary(variant), stockLibrary(variant, archive)]
  return source === undefined ? all : all.filter((library) => library.source === source)
}

/** A CUDA library that was set up by hand stays where no driver is seen: that machine may be the one that builds an image. */
export async function chooseVariant(addonPackage: AddonPackage, wish: LibraryWish): Promise<NativeVariant> {
  if (process.arch !== 'x64' || wish.gpu === false) return 'cpu'
  const built = builtLibrary(addonPackage, librariesOf('cuda', wish)) !== undefined
  return wish.gpu || built || (await hasNvidiaGpu()) ? 'cuda' : 'cpu'
}

/** The one of `libraries` that the addon in its place was built against, with what was kept of the build. */
export function builtLibrary(
  addonPackage: AddonPackage,
  libraries: readonly NativeLibrary[],
): { readonly library: NativeLibrary; readonly stamp: Stamp } | undefined {
  for (const library of libraries) {
    const stamp = readStamp(addonPackage, library)
    if (stamp !== undefined) return { library, stamp }
  }
  return undefined
}
