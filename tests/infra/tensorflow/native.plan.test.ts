// What the native set-up would fetch, unpack and build, without doing it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatBytes } from '../../../infra/downloads/format-bytes.ts'
import { LOCKS_DIR } from '../../../infra/downloads/locks.ts'
import { VERSIONS } from '../../../infra/downloads/versions.ts'
import { type AddonPackage, compilerArguments, INNER_FILE } from '../../../infra/tensorflow/addon.ts'
import { builtLibrary, chooseVariant, librariesOf } from '../../../infra/tensorflow/choice.ts'
import { libraryFolder, type NativeLibrary, wheelLibrary } from '../../../infra/tensorflow/library.ts'
import { planNative } from '../../../infra/tensorflow/plan.ts'
import { unfitPlatform } from '../../../infra/tensorflow/platform.ts'
import { readStamp, recipeOf } from '../../../infra/tensorflow/stamp.ts'
import { stockLibrary } from '../../../infra/tensorflow/stock.ts'
import { isWantedMember, wheelSource, wheelsOf } from '../../../infra/tensorflow/wheel.ts'

const wheelsFor = (lock: string): string[] => wheelsOf(readFileSync(path.join(LOCKS_DIR, lock), 'utf8'))
const TENSORFLOW = VERSIONS.tensorflow

describe('the wheels', () => {
  it('are one for processors', () => {
    expect(wheelsFor(wheelSource('cpu', 'x64').lock)).toEqual([`tensorflow-cpu ${TENSORFLOW}`])
    expect(wheelsFor(wheelSource('cpu', 'arm64').lock)).toEqual([`tensorflow ${TENSORFLOW}`])
  })
  it('hold every CUDA library that TensorFlow loads', () => {
    const names = wheelsFor(wheelSource('cuda').lock).map((wheel) => wheel.split(' ')[0])
    const parts = ['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-nvrtc', 'cuda-runtime', 'cudnn', 'cufft', 'curand']
    parts.push('cusolver', 'cusparse', 'nccl', 'nvjitlink')
    expect(names).toEqual(['tensorflow', ...parts.map((part) => `nvidia-${part}-cu12`)])
  })
})

describe('what is unpacked', () => {
  const ofTensorflow = `tensorflow-${TENSORFLOW}-cp311-cp311-manylinux_2_27_x86_64.whl`
  const ofCublas = 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl'
  it.each([
    [ofTensorflow, 'tensorflow/libtensorflow_cc.so.2'],
    [ofTensorflow, 'tensorflow/libtensorflow_framework.so.2'],
    [ofTensorflow, 'tensorflow/include/tensorflow/c/c_api.h'],
    [ofTensorflow, `tensorflow-${TENSORFLOW}.dist-info/licenses/LICENSE`],
    [ofCublas, 'nvidia/cublas/lib/libcublas.so.12'],
    [ofCublas, 'nvidia_cublas_cu12-12.9.3.13.dist-info/License.txt'],
    ['nvidia_cuda_nvcc_cu12-12.9.86-py3-none-any.whl', 'nvidia/cuda_nvcc/bin/ptxas'],
    ['nvidia_cuda_nvcc_cu12-12.9.86-py3-none-any.whl', 'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'],
  ])('of %s: %s', (wheel, member) => expect(isWantedMember(wheel, member)).toBe(true))
  it.each([
    [ofTensorflow, 'tensorflow/python/_pywrap_tensorflow_internal.so'],
    [ofTensorflow, 'tensorflow/include/external/eigen_archive/Eigen/Core'],
    [ofCublas, 'nvidia/cublas/include/cublas.h'],
    [ofCublas, 'nvidia/__init__.py'],
  ])('of %s not: %s', (wheel, member) => expect(isWantedMember(wheel, member)).toBe(false))
})

describe('the addon', () => {
  let folder: string
  let source: AddonPackage
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-native-'))
    source = { folder, version: '4.22.0', addon: path.join(folder, 'lib', 'tfjs_binding.node') }
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** As a build leaves it. */
  function pretendBuilt(library: NativeLibrary): string {
    const libraryDir = path.join(folder, library.name)
    for (const each of ['lib', library.name]) mkdirSync(path.join(folder, each), { recursive: true })
    const inner = path.join(path.dirname(source.addon), INNER_FILE)
    for (const file of [source.addon, inner, ...library.files.map((file) => path.join(libraryDir, file))])
      writeFileSync(file, '')
    const recipe = recipeOf(source, library)
    const stamp = { recipe, libraryDir, result: { tensorflow: TENSORFLOW, gpu: false } }
    writeFileSync(path.join(folder, 'lib', 'sluice-native.json'), JSON.stringify(stamp))
    return libraryDir
  }

  it('finds its library by RUNPATH', () => {
    const { files } = stockLibrary('cpu')
    const found = compilerArguments({
      source,
      library: { folder: '/cache/tensorflow', files },
      output: '/out/addon.node',
    })
    expect(found).toContain('-Wl,-rpath,/cache/tensorflow')
    expect(found.slice(-3, -1)).toEqual(files.map((file) => `/cache/tensorflow/${file}`))
    expect(found[found.indexOf('-o') + 1]).toBe('/out/addon.node')
  })
  it('is built anew when a library is gone', () => {
    const [cpu, cuda] = [wheelLibrary('cpu'), wheelLibrary('cuda')]
    const libraryDir = pretendBuilt(cpu)
    expect(recipeOf(source, cpu)).toBe(`tfjs-4.22.0-quiet-tensorflow-${TENSORFLOW}-cpu-${process.arch}`)
    expect(readStamp(source, cpu)).toMatchObject({ libraryDir })
    expect(readStamp(source, cuda)).toBeUndefined()
    rmSync(path.join(libraryDir, cpu.files[1]))
    expect(readStamp(source, cpu)).toBeUndefined()
  })
  it('of the archive stays until wheels are asked for', () => {
    const stock = stockLibrary('cpu')
    pretendBuilt(stock)
    expect(builtLibrary(source, librariesOf('cpu', {}))?.library).toEqual(stock)
    expect(builtLibrary(source, librariesOf('cpu', { source: 'wheel' }))).toBeUndefined()
  })
  it.skipIf(process.arch !== 'x64')('stays on CUDA once set up for it', async () => {
    pretendBuilt(wheelLibrary('cuda'))
    expect(await chooseVariant(source, {})).toBe('cuda')
    expect(await chooseVariant(source, { gpu: false })).toBe('cpu')
  })
})

describe('the plan', () => {
  it('tells what is downloaded before it is', async (context) => {
    const plan = await planNative({ cacheDir: '/no/such/cache', gpu: true })
    if (!plan.ok) return context.skip(plan.why)
    if (plan.ready) return context.skip('the CUDA library is set up here')
    expect(plan).toMatchObject({
      variant: 'cuda',
      tensorflow: TENSORFLOW,
      libraryDir: libraryFolder(wheelLibrary('cuda'), '/no/such/cache'),
      downloadBytes: 3.4e9,
      diskBytes: 5.3e9,
      ready: false,
    })
  })
  it.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'ia32'],
  ])('refuses %s on %s with what would do', (platform, arch) => {
    expect(unfitPlatform(platform, arch)).toMatchObject({ ok: false, fix: 'use Linux with glibc on x64 or arm64' })
  })
  it('accepts Linux on both architectures', () => {
    expect([unfitPlatform('linux', 'x64'), unfitPlatform('linux', 'arm64')]).toEqual([undefined, undefined])
  })
  it('speaks of bytes as downloads do', () => {
    expect([274e6, 3.4e9, 999_600_000].map(formatBytes)).toEqual(['274 MB', '3.4 GB', '1.0 GB'])
  })
})
