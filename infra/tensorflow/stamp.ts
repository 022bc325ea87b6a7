// What was built and proved, kept beside the addon: an addon is good for the library that it was built against and no other.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { writeWholeFile } from '../../core/whole-file.ts'
import { type AddonCheck, type AddonPackage, INNER_FILE } from './addon.ts'
import type { NativeLibrary } from './library.ts'

export interface Stamp {
  readonly recipe: string
  readonly libraryDir: string
  readonly result: AddonCheck
}

/** Of the same recipe and with all its files in place, else undefined. */
export function readStamp(addonPackage: AddonPackage, library: NativeLibrary): Stamp | undefined {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(addonPackage), 'utf8')) as Stamp
    const inner = path.join(path.dirname(addonPackage.addon), INNER_FILE)
    const files = [addonPackage.addon, inner, ...library.files.map((file) => path.join(stamp.libraryDir, file))]
    return stamp.recipe === recipeOf(addonPackage, library) && files.every((file) => existsSync(file))
      ? stamp
      : undefined
  } catch {
    return undefined
  }
}

export async function writeStamp(addonPackage: AddonPackage, stamp: Stamp): Promise<void> {
  await writeWholeFile(stampFile(addonPackage), JSON.stringify(stamp))
}

/** e.g. "tfjs-4.22.0-quiet-tensorflow-2.21.0-cpu-x64"; "quiet" is what is ours in it, and changes with that */
export function recipeOf({ version }: AddonPackage, { name }: NativeLibrary): string {
  return `tfjs-${version}-quiet-${name}`
}

function stampFile({ folder }: AddonPackage): string {
  return path.join(folder, 'lib', 'sluice-native.json')
}
