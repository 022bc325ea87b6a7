// Makes the native TensorFlow backend usable on this machine, or says why it is not, so that training falls back to wasm.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { isFailure } from '../../schemas/failures.ts'
import { cachedFolder } from '../downloads/cache.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import {
  type AddonCheck,
  type AddonPackage,
  type Compiler,
  checkAddon,
  compileAddon,
  ensureCompiler,
  findAddonPackage,
  placeAddon,
} from './addon.ts'
import { builtLibrary, chooseVariant, type LibraryWish, librariesOf } from './choice.ts'
import { libraryFolder, type NativeLibrary, type NativeVariant } from './library.ts'
import { hasNvidiaGpu, type Refused, refused, unfitLoader, unfitPlatform } from './platform.ts'
import { recipeOf, writeStamp } from './stamp.ts'
import { type ArchiveWish, ensureStockLibrary, stockArchive } from './stock.ts'
import { ensureWheelLibrary } from './wheel.ts'

export interface EnsureNative extends LibraryWish {
  readonly cacheDir: string
  readonly say?: (line: string) => void
  /** default: the installed one */
  readonly addonPackage?: AddonPackage | undefined
}

export interface NativeReady extends AddonCheck {
  readonly ok: true
  readonly variant: NativeVariant
  /** folder of the TensorFlow library that the addon loads */
  readonly libraryDir: string
}

export type NativeResult = NativeReady | Refused

/** What a build needs to know. */
interface Task extends Fetching {
  readonly addonPackage: AddonPackage
  readonly archive: ArchiveWish | undefined
}

/**
 * Fetches, builds and proves what is missing: about 15 s the first time, milliseconds afterwards.
 * Never throws: whatever stands in the way comes back as `ok: false`.
 */
export async function ensureNative(options: EnsureNative): Promise<NativeResult> {
  const { cacheDir, gpu, say = () => {}, addonPackage = findAddonPackage() } = options
  if (addonPackage === undefined) return refused('@tensorflow/tfjs-node-gpu is not installed', 'npm install')
  const unfit = unfitPlatform()
  if (unfit !== undefined) return unfit
  const variant = await chooseVariant(addonPackage, options)
  const libraries = librariesOf(variant, options)
  const built = await provedBefore(addonPackage, libraries)
  if (built !== undefined) return built
  const unloadable = unfitLoader()
  if (unloadable !== undefined) return unloadable
  const unaskedCuda = variant === 'cuda' && gpu === undefined
  try {
    const task = { addonPackage, archive: options.archive, cacheDir: path.resolve(cacheDir), say }
    // where nobody asked for CUDA, the CPU's wheel is a better second choice than an old library for GPUs
    const compiler = compilerBeside(libraries, task) // fetched beside the library, where it must be
    return await build(await fetchFirst(unaskedCuda ? libraries.slice(0, 1) : libraries, task), task, compiler)
  } catch (error) {
    if (unaskedCuda) {
      say(`the CUDA build failed (${explain(error).why}); building for the CPU`)
      return ensureNative({ ...options, gpu: false })
    }
    return explain(error)
  }
}

/** Needed for none of `libraries` whose addon is in the cache. */
function compilerBeside(libraries: readonly NativeLibrary[], task: Task): () => Promise<Compiler> {
  const isCached = (library: NativeLibrary) => existsSync(addonFolder(library, task))
  if (libraries.some(isCached)) return () => ensureCompiler(task)
  const compiler = ensureCompiler(task)
  compiler.catch(() => {}) // whoever needs it sees that
  return () => compiler
}

const addonName = (library: NativeLibrary, { addonPackage }: Task) => `${recipeOf(addonPackage, library)}.addon`
const addonFolder = (library: NativeLibrary, task: Task) => path.join(task.cacheDir, addonName(library, task))

/** The first of `libraries` that can be had. Throws what the first one threw when none can. */
async function fetchFirst(libraries: readonly NativeLibrary[], task: Task): Promise<NativeLibrary> {
  const [first, ...others] = libraries as [NativeLibrary, ...NativeLibrary[]]
  try {
    await fetchLibrary(first, task)
    return first
  } catch (error) {
    const [second] = others
    if (second === undefined) throw error
    const { url } = stockArchive(second.variant, task.archive)
    task.say(`the Python wheel cannot be had (${explain(error).why}); taking ${url} instead`)
    await fetchLibrary(second, task).catch((later: unknown) => {
      task.say(`neither can that (${explain(later).why})`)
      throw error
    })
    return second
  }
}

async function fetchLibrary(library: NativeLibrary, task: Task): Promise<void> {
  if (library.source === 'wheel') return await ensureWheelLibrary(library, task)
  await ensureStockLibrary(library, stockArchive(library.variant, task.archive), task)
}

async function build(library: NativeLibrary, task: Task, compiler: () => Promise<Compiler>): Promise<NativeReady> {
  const { addonPackage, cacheDir, say } = task
  const libraryDir = libraryFolder(library, cacheDir)
  const placed = { folder: libraryDir, files: library.files }
  const recipe = recipeOf(addonPackage, library)
  const home = await cachedFolder({
    cacheDir,
    name: addonName(library, task),
    fill: async (folder) => {
      const chosen = await compiler()
      say(`compiling the TensorFlow addon with ${chosen.name} (about 10 s)`)
      await compileAddon({ source: addonPackage, library: placed, folder }, chosen)
    },
  })
  await placeAddon(home, addonPackage, placed)
  const result = await checkAddon(addonPackage).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true }) // what does not load is compiled again the next time
    throw error
  })
  await writeStamp(addonPackage, { recipe, libraryDir, result })
  say(`TensorFlow ${result.tensorflow} computes on the ${result.gpu ? 'GPU' : 'CPU'}`)
  return { ok: true, variant: library.variant, libraryDir, ...result }
}

/** The earlier build, if it still stands. One that saw no GPU looks again where there is a driver now. */
async function provedBefore(
  addonPackage: AddonPackage,
  libraries: readonly NativeLibrary[],
): Promise<NativeReady | undefined> {
  const built = builtLibrary(addonPackage, libraries)
  if (built === undefined) return undefined
  const { library, stamp } = built
  let { result } = stamp
  if (library.variant === 'cuda' && !result.gpu && (await hasNvidiaGpu())) {
    result = await checkAddon(addonPackage).catch(() => result)
    if (result.gpu) await writeStamp(addonPackage, { ...stamp, result })
  }
  return { ok: true, variant: library.variant, libraryDir: stamp.libraryDir, ...result }
}

function explain(error: unknown): Refused {
  if (isFailure(error)) return refused(error.message, error.next)
  const why = error instanceof Error ? error.message : String(error)
  return refused(why, 'remove the tensorflow folders from the cache and try again; until then training runs on wasm')
}
