// Compiles the addon of @tensorflow/tfjs-node-gpu against a TensorFlow library and proves in a child process that it computes.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { putWholeFile } from '../../core/whole-file.ts'
import { lastLines, runCommand } from '../downloads/run-command.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { findTool } from '../downloads/tools.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { ROOT_DIR } from '../places.ts'
import type { NativeLibrary } from './library.ts'
import { buildWithZig, ensureZig, type ZigBuild } from './zig.ts'

const require = createRequire(import.meta.url)
const PACKAGE = '@tensorflow/tfjs-node-gpu'
/** The package loads this, and this the other one beside it (`quiet.c`). */
const ADDON_FILE = 'tfjs_binding.node'
export const INNER_FILE = 'tensorflow.node'

export interface AddonPackage {
  readonly folder: string
  readonly version: string
  /** where the package looks for its addon */
  readonly addon: string
}

/** A library in its place. */
export interface PlacedLibrary {
  /** also holds `include/` */
  readonly folder: string
  readonly files: NativeLibrary['files']
}

export interface AddonCheck {
  /** version that the library itself reports */
  readonly tensorflow: string
  /** true when the library found a usable GPU */
  readonly gpu: boolean
}

/** The installed npm package; undefined when it is not installed. */
export function findAddonPackage(): AddonPackage | undefined {
  try {
    const inside = path.join(ROOT_DIR, 'vendor', 'tfjs-node-gpu', 'package.json') // in the published package
    const manifest = existsSync(inside) ? inside : require.resolve(`${PACKAGE}/package.json`)
    const folder = path.dirname(manifest)
    const addon = path.join(folder, 'lib', 'napi-v8', ADDON_FILE)
    return { folder, version: (require(manifest) as { version: string }).version, addon }
  } catch {
    return undefined
  }
}

/**
 * About 10 s with the machine's own compiler, 4 s with that of a wheel, which is fetched where there is none: neither node-gyp nor Node's
 * headers are needed, the C API of addons is stable, and towards the library the addon speaks C too. Which compiler it was changes no
 * number: the library computes.
 */
export async function compileAddon({ folder, ...addon }: AddonBuild, { name, own, zig }: Compiler): Promise<void> {
  const [outer, inner] = [path.join(folder, ADDON_FILE), path.join(folder, INNER_FILE)]
  const quiet = { flags: quietFlags(), sources: [path.join(import.meta.dirname, 'quiet.c')] }
  const results =
    zig === undefined
      ? [
          await runCommand(own, compilerArguments({ ...addon, output: inner })),
          await runCommand(own, ['-shared', ...quiet.flags, '-x', 'c', ...quiet.sources, '-o', outer]),
        ]
      : [
          await buildWithZig({ ...unitsOf(addon), zig, language: 'c++', output: inner }),
          await buildWithZig({ ...quiet, linking: [], zig, language: 'c', output: outer }),
        ]
  const failed = results.find(({ code }) => code !== 0)
  if (failed !== undefined) throw new Error(`the TensorFlow addon does not compile with ${name}: ${lastLines(failed)}`)
}

const quietFlags = (): string[] => ['-O2', '-fPIC', '-w', '-fvisibility=hidden', '-DNAPI_VERSION=8', '-I', nodeApi()]

const nodeApi = (): string => path.join(path.dirname(require.resolve('node-api-headers/package.json')), 'include')

/** Either the machine's own compiler or Zig's. */
export type Compiler = { readonly name: string } & (
  | { readonly own: string; readonly zig?: undefined }
  | { readonly own?: undefined; readonly zig: string }
)

/** → the machine's own, e.g. "g++ 12", else the one of a wheel. Throws when that cannot be fetched. */
export async function ensureCompiler(fetching: Fetching): Promise<Compiler> {
  const found = await findTool('c++')
  if (found === undefined) return { name: `zig ${VERSIONS.ziglang}`, zig: await ensureZig(fetching) }
  const [own] = found.command
  return { name: `${own} ${found.version}`, own }
}

export interface AddonBuild {
  readonly source: AddonPackage
  readonly library: PlacedLibrary
  /** that its two files are written to */
  readonly folder: string
}

type Inner = Omit<AddonBuild, 'folder'>

/** The library's folder becomes the addon's RUNPATH, so that no variable has to lead the loader to it. */
function unitsOf({ source: { folder }, library }: Inner): Pick<ZigBuild, 'flags' | 'sources' | 'linking'> {
  const includes = ['-I', nodeApi(), '-I', path.join(library.folder, 'include')]
  return {
    flags: ['-O2', '-std=c++17', '-fPIC', '-w', '-DNAPI_VERSION=8', ...includes],
    sources: ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => path.join(folder, 'binding', file)),
    linking: [...library.files.map((file) => path.join(library.folder, file)), '-rpath', library.folder],
  }
}

/** One call of g++ or clang++ for the file that holds what the package is about. */
export function compilerArguments(addon: Inner & { readonly output: string }): string[] {
  const { flags, sources, linking } = unitsOf(addon)
  const [rpath, folder] = linking.slice(-2)
  return ['-shared', ...flags, ...sources, '-o', addon.output, ...linking.slice(0, -2), `-Wl,${rpath},${folder}`]
}

/** Puts a compiled addon where the package looks for it; each file at once, because another process may be loading it. */
export async function placeAddon(
  compiledIn: string,
  { folder, addon }: AddonPackage,
  library: PlacedLibrary,
): Promise<void> {
  await mkdir(path.dirname(addon), { recursive: true })
  for (const file of [INNER_FILE, ADDON_FILE]) // the outer one needs the inner one
    await putWholeFile(path.join(path.dirname(addon), file), (unfinished) =>
      copyFile(path.join(compiledIn, file), unfinished),
    )
  const libraries = path.join(folder, 'deps', 'lib') // where the package expects them; the addon finds them by itself
  await mkdir(libraries, { recursive: true })
  for (const file of library.files) {
    const link = path.join(libraries, file)
    await rm(link, { force: true })
    await symlink(path.join(library.folder, file), link).catch((error: unknown) => {
      if (!existsSync(link)) throw error
    })
  }
}

/** Multiplies two matrices in a child process, so that a crash in the library is a message here. Throws when it fails. */
export async function checkAddon({ folder }: AddonPackage): Promise<AddonCheck> {
  // Node 23 removed two functions that the package still calls
  const program = `
    const util = require('node:util')
    util.isNullOrUndefined ??= (value) => value === null || value === undefined
    util.isArray ??= Array.isArray
    const tf = require(${JSON.stringify(folder)})
    const a = tf.tensor2d([[1, 2], [3, 4]])
    const product = String([...tf.matMul(a, a).dataSync()])
    if (product !== '7,10,15,22') throw new Error('wrong product ' + product)
    const { binding, isUsingGpuDevice } = tf.backend()
    console.log('CHECKED ' + JSON.stringify({ tensorflow: binding.TF_Version, gpu: Boolean(isUsingGpuDevice) }))
    process.exit(0)`
  const result = await runCommand(process.execPath, ['--disable-warning=DEP0051', '-e', program], {
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    timeoutMs: 120_000,
  })
  const found = /^CHECKED (\{.*\})$/m.exec(result.stdout)?.[1]
  if (result.code === 0 && found !== undefined) return JSON.parse(found) as AddonCheck
  throw new Error(`the TensorFlow addon does not load: ${errorLines(result.stderr) || lastLines(result)}`)
}

function errorLines(text: string): string {
  const lines = text.split('\n').filter((line) => /error|cannot|undefined symbol/i.test(line))
  return lines.slice(0, 3).join('\n')
}
