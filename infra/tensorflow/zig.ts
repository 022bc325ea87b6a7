// The C++ compiler out of the wheel of Zig, for machines without one: of its 19,500 files the compiler and the headers that the addon needs.
import { chmod, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from '../downloads/cache.ts'
import { type CommandResult, runCommand } from '../downloads/run-command.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'
import { fetchWheels } from '../downloads/wheels.ts'

/** The oldest glibc that TensorFlow's wheels run on, too. */
const GLIBC = '2.28'
const WANTED =
  /^ziglang\/(zig$|lib\/(std\/std\.zig$|include\/|libcxx\/(include\/|src\/((hash|string)\.cpp$|include\/))|libc\/include\/(any-linux-any|generic-glibc|(x86|x86_64|aarch64)-linux-(gnu|any))\/))|licen[cs]e/i
/** Intrinsics of other processors are large. */
const OTHER_PROCESSORS =
  /^ziglang\/lib\/include\/(riscv|hexagon|hvx|altivec|vecintrin|ppc_|cuda_|openmp_|llvm_|hlsl|amdgpu|sifive|s390|wasm)/

/** → the program. Throws when the wheel cannot be fetched whole. */
export async function ensureZig({ cacheDir, say }: Fetching): Promise<string> {
  const home = await cachedFolder({
    cacheDir,
    name: `ziglang-${VERSIONS.ziglang}-${process.arch}`,
    fill: async (folder) => {
      say('no C++ compiler on this machine: fetching one (of the wheel ziglang, 69 MB)')
      const wanted = (_: string, member: string) => isWantedOfZig(member)
      await fetchWheels({
        lock: 'ziglang.txt',
        folder,
        what: 'a C++ compiler',
        kind: 'compiler',
        totalBytes: 69e6,
        cacheDir,
        say,
        wanted,
      })
      await chmod(path.join(folder, 'ziglang', 'zig'), 0o755)
    },
  })
  return path.join(home, 'ziglang', 'zig')
}

function isWantedOfZig(member: string): boolean {
  return WANTED.test(member) && !OTHER_PROCESSORS.test(member)
}

export interface ZigBuild {
  readonly zig: string
  readonly language: 'c' | 'c++'
  /** of the compiler: language, warnings, definitions, include folders */
  readonly flags: readonly string[]
  readonly sources: readonly string[]
  /** of the linker: libraries, and where the loader finds them */
  readonly linking: readonly string[]
  readonly output: string
}

/**
 * Makes a shared library: each source by itself, side by side, then all of them together; → the first command that failed, or the last.
 * Left to itself `zig c++ -shared` compiles the whole of libc++ first, which takes a minute. The two files of it whose functions the
 * addon calls take two seconds; what else C++ needs at run time (memory, exceptions) lies in the libstdc++ that Node has loaded, under
 * names that are the same in both.
 */
export async function buildWithZig({
  zig,
  language,
  flags,
  sources,
  linking,
  output,
}: ZigBuild): Promise<CommandResult> {
  const work = `${output}.zig`
  const libcxx = path.join(path.dirname(zig), 'lib', 'libcxx', 'src')
  const own = (language === 'c' ? [] : ['hash.cpp', 'string.cpp']).map((file) => ({
    source: path.join(libcxx, file),
    flags: ['-O2', '-std=c++23', '-fPIC', '-w', '-ffunction-sections', '-D_LIBCPP_BUILDING_LIBRARY', '-I', libcxx],
  }))
  const units = [...sources.map((source) => ({ source, flags })), ...own].map((unit, index) => ({
    ...unit,
    object: path.join(work, `${index}.o`),
  }))
  await mkdir(work, { recursive: true })
  const env = { ZIG_GLOBAL_CACHE_DIR: work, ZIG_LOCAL_CACHE_DIR: work }
  try {
    const compiled = await Promise.all(
      units.map((unit) =>
        runCommand(
          zig,
          [language === 'c' ? 'cc' : 'c++', '-target', target(), ...unit.flags, '-c', unit.source, '-o', unit.object],
          { env },
        ),
      ),
    )
    const failed = compiled.find(({ code }) => code !== 0)
    if (failed !== undefined) return failed
    const link = ['ld.lld', '-shared', '--gc-sections', '--strip-all', '-o', output]
    return await runCommand(zig, [...link, ...units.map(({ object }) => object), ...linking], { env })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const target = (): string => `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu.${GLIBC}`
