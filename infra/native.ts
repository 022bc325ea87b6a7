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
import { runCommand } from './run-command.ts'
import type { Fetching } from './toolchains.ts'
import { VERSIONS } from './versions.ts'

export interface EnsureNative {
  readonly cacheDir: string
  /** true: the CUDA library; default: where the machine has an NVIDIA driver (x64 only) */
  readonly gpu?: boolean
  readonly say?: (line: string) => void
}

export type NativeResult =
  | { readonly ok: true; readonly tensorflow: string; readonly gpu: boolean }
  /** `fix` is what a person can do about it; without it sluice works on, slower */
  | { readonly ok: false; readonly why: string; readonly fix: string }

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
  if (unfit !== undefined) return refused(unfit, 'use Linux with glibc on x64 or arm64')
  const variant: NativeVariant = (gpu ?? (await hasNvidiaDriver())) && process.arch === 'x64' ? 'cuda' : 'cpu'
  const built = readStamp(source, variant)
  if (built !== undefined) return { ok: true, ...built }
  const glibc = glibcVersion() // asked late: it takes a tenth of a second
  if (glibc === undefined)
    return refused('this Node is built for musl, the TensorFlow library for glibc', 'use a Debian-like system')
  try {
    return { ok: true, ...(await build(source, variant, { cacheDir: path.resolve(cacheDir), say })) }
  } catch (error) {
    if (variant === 'cuda' && gpu === undefined) {
      say(`the CUDA build failed (${explain(error).why}); building for the CPU`)
      return ensureNative({ cacheDir, gpu: false, say })
    }
    return { ok: false, ...explain(error) }
  }
}

async function build(source: AddonPackage, variant: NativeVariant, fetching: Fetching): Promise<AddonCheck> {
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
  const stamp: Stamp = { recipe: recipe(source, variant), libraryDir, result }
  await writeFile(`${stampFile(source)}.tmp${process.pid}`, JSON.stringify(stamp))
  await rename(`${stampFile(source)}.tmp${process.pid}`, stampFile(source))
  fetching.say(`TensorFlow ${result.tensorflow} computes on the ${result.gpu ? 'GPU' : 'CPU'}`)
  return result
}

/** The proof of an earlier build that still stands: same recipe, all files there. */
function readStamp(source: AddonPackage, variant: NativeVariant): AddonCheck | undefined {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(source), 'utf8')) as Stamp
    const files = [source.addon, ...LIBRARY_FILES.map((file) => path.join(stamp.libraryDir, file))]
    return stamp.recipe === recipe(source, variant) && files.every((file) => existsSync(file))
      ? stamp.result
      : undefined
  } catch {
    return undefined
  }
}

function stampFile({ folder }: AddonPackage): string {
  return path.join(folder, 'lib', 'sluice-native.json')
}

function recipe({ version }: AddonPackage, variant: NativeVariant): string {
  return `tfjs-${version}-tensorflow-${VERSIONS.tensorflow}-${variant}-${process.arch}`
}

function unfitPlatform(): string | undefined {
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) return undefined
  return `there is no TensorFlow library for ${process.platform}-${process.arch} in the package index`
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime
}

async function hasNvidiaDriver(): Promise<boolean> {
  if (!existsSync('/proc/driver/nvidia/version')) return false
  return (await runCommand('nvidia-smi', ['-L'], { timeoutMs: 20_000 })).code === 0
}

function explain(error: unknown): { why: string; fix: string } {
  if (isFailure(error)) return { why: error.message, fix: error.next }
  const why = error instanceof Error ? error.message : String(error)
  return { why, fix: 'remove the tensorflow folders from the cache and try again; until then training runs on wasm' }
}

function refused(why: string, fix: string): NativeResult {
  return { ok: false, why, fix }
}
