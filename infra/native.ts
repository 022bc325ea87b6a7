// Makes the native TensorFlow backend usable on this machine, or says why it is not, so that training falls back to wasm.
import { existsSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isFailure } from '../schemas/failures.ts'
import { cachedFolder } from './cache.ts'
import {
  type AddonCheck,
  type AddonPackage,
  checkAddon,
  compileAddon,
  findAddonPackage,
  placeAddon,
} from './native-addon.ts'
import { ensureTensorflow, LIBRARY_FILES, type NativeVariant } from './native-library.ts'
import { hasNvidiaGpu, type Refused, refused, unfitLoader, unfitPlatform } from './native-platform.ts'
import type { Fetching } from './toolchains.ts'
import { VERSIONS } from './versions.ts'

export interface EnsureNative {
  readonly cacheDir: string
  /** true: the CUDA library; default: where the machine has an NVIDIA GPU or was set up for one (x64 only) */
  readonly gpu?: boolean
  readonly say?: (line: string) => void
}

export interface NativeReady extends AddonCheck {
  readonly ok: true
  readonly variant: NativeVariant
  /** folder of the TensorFlow library that the addon loads */
  readonly libraryDir: string
}

export type NativeResult = NativeReady | Refused

/** What was built and proved; kept beside the addon. */
interface Stamp {
  readonly recipe: string
  readonly libraryDir: string
  readonly result: AddonCheck
}

/**
 * Fetches, builds and proves what is missing: about 15 s the first time, milliseconds afterwards.
 * Never throws: whatever stands in the way comes back as `ok: false`.
 */
export async function ensureNative({ cacheDir, gpu, say = () => {} }: EnsureNative): Promise<NativeResult> {
  const source = findAddonPackage()
  if (source === undefined) return refused('@tensorflow/tfjs-node-gpu is not installed', 'npm install')
  const unfit = unfitPlatform()
  if (unfit !== undefined) return unfit
  const variant = await chooseVariant(source, gpu)
  const built = await provedBefore(source, variant)
  if (built !== undefined) return built
  const unloadable = unfitLoader()
  if (unloadable !== undefined) return unloadable
  try {
    return await build(source, variant, { cacheDir: path.resolve(cacheDir), say })
  } catch (error) {
    if (variant === 'cuda' && gpu === undefined) {
      say(`the CUDA build failed (${explain(error).why}); building for the CPU`)
      return ensureNative({ cacheDir, gpu: false, say })
    }
    return explain(error)
  }
}

/** A CUDA library that was set up by hand stays where no driver is seen: that machine may be the one that builds an image. */
export async function chooseVariant(source: AddonPackage, gpu: boolean | undefined): Promise<NativeVariant> {
  if (process.arch !== 'x64' || gpu === false) return 'cpu'
  return gpu || readStamp(source, 'cuda') !== undefined || (await hasNvidiaGpu()) ? 'cuda' : 'cpu'
}

async function build(source: AddonPackage, variant: NativeVariant, fetching: Fetching): Promise<NativeReady> {
  const libraryDir = await ensureTensorflow(variant, fetching)
  const home = await cachedFolder({
    cacheDir: fetching.cacheDir,
    name: `${recipe(source, variant)}.addon`,
    fill: async (folder) => {
      fetching.say('compiling the TensorFlow addon (about 10 s)')
      await compileAddon(source, libraryDir, path.join(folder, 'tfjs_binding.node'))
    },
  })
  await placeAddon(path.join(home, 'tfjs_binding.node'), source, libraryDir)
  const result = await checkAddon(source).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true }) // what does not load is compiled again the next time
    throw error
  })
  await writeStamp(source, { recipe: recipe(source, variant), libraryDir, result })
  fetching.say(`TensorFlow ${result.tensorflow} computes on the ${result.gpu ? 'GPU' : 'CPU'}`)
  return { ok: true, variant, libraryDir, ...result }
}

/** The earlier build, if it still stands. One that saw no GPU looks again where there is a driver now. */
async function provedBefore(source: AddonPackage, variant: NativeVariant): Promise<NativeReady | undefined> {
  const stamp = readStamp(source, variant)
  if (stamp === undefined) return undefined
  let { result } = stamp
  if (variant === 'cuda' && !result.gpu && (await hasNvidiaGpu())) {
    result = await checkAddon(source).catch(() => result)
    if (result.gpu) await writeStamp(source, { ...stamp, result })
  }
  return { ok: true, variant, libraryDir: stamp.libraryDir, ...result }
}

/** Of the same recipe and with all its files in place, else undefined. */
export function readStamp(source: AddonPackage, variant: NativeVariant): Stamp | undefined {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(source), 'utf8')) as Stamp
    const files = [source.addon, ...LIBRARY_FILES.map((file) => path.join(stamp.libraryDir, file))]
    return stamp.recipe === recipe(source, variant) && files.every((file) => existsSync(file)) ? stamp : undefined
  } catch {
    return undefined
  }
}

async function writeStamp(source: AddonPackage, stamp: Stamp): Promise<void> {
  const unfinished = `${stampFile(source)}.tmp${process.pid}`
  await writeFile(unfinished, JSON.stringify(stamp))
  await rename(unfinished, stampFile(source))
}

function stampFile({ folder }: AddonPackage): string {
  return path.join(folder, 'lib', 'sluice-native.json')
}

function recipe({ version }: AddonPackage, variant: NativeVariant): string {
  return `tfjs-${version}-tensorflow-${VERSIONS.tensorflow}-${variant}-${process.arch}`
}

function explain(error: unknown): Refused {
  if (isFailure(error)) return refused(error.message, error.next)
  const why = error instanceof Error ? error.message : String(error)
  return refused(why, 'remove the tensorflow folders from the cache and try again; until then training runs on wasm')
}
