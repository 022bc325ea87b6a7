// A GPU without CUDA: tfjs's WebGPU backend on Dawn, the implementation of Chromium, from the npm package `webgpu`.
import { createRequire } from 'node:module'
import type { Tf } from '../tf.ts'
import { activate, type DeviceWish, type Loaded } from './loaded.ts'
import { correctAveragePooling } from './pool-gradient.ts'
import { machineKind } from './processor.ts'
import { readAtOnce } from './webgpu-read.ts'

/** Not among sluice's dependencies: Dawn brings 130 MB of binaries that few need. */
const DAWN = 'webgpu'
const BACKEND = '@tensorflow/tfjs-backend-webgpu'
const INSTALL = 'npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0'

interface Adapter {
  readonly features: ReadonlySet<string>
  readonly limits: Readonly<Record<string, number>>
  readonly info: AdapterInfo
  requestDevice(descriptor: object): Promise<object>
}

interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  /** true: a program that plays the GPU on the processor */
  readonly isFallbackAdapter?: boolean
}

interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<Adapter | null>
}

interface Packages {
  readonly create: (options: string[]) => Gpu
  readonly globals: object
  readonly WebGPUBackend: new (device: object, info: AdapterInfo) => never
}

const { resolve } = createRequire(import.meta.url)

/** One instance and one device per process: Dawn frees an instance that nothing refers to, and its devices with it. */
let opened: { readonly gpu: Gpu; readonly info: AdapterInfo } | undefined

export async function loadWebgpu(wish: DeviceWish): Promise<Loaded | string> {
  const tf = (await import('@tensorflow/tfjs')).default
  if (opened === undefined) {
    const refusal = await openDevice(tf)
    if (refusal !== undefined) return refusal
  }
  const { info } = opened!
  const device = isSoftware(info) ? 'cpu' : 'gpu'
  const deviceName = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ')
  if (wish === 'gpu' && device === 'cpu') return `Dawn finds no GPU, only ${deviceName} on the processor`
  if (wish === 'cpu' && device === 'gpu') return `computes on the GPU ${deviceName}`
  const refusal = await activate(tf, 'webgpu')
  if (refusal !== undefined) return refusal
  correctAveragePooling(tf, 'webgpu')
  readAtOnce(tf, tf.backend())
  const machine = machineKind({ threads: 1, gpu: deviceName })
  return { tf, machine, version: `tfjs ${tf.version.tfjs} on Dawn`, device, deviceName }
}

/** → undefined once the backend is registered with tfjs, else in words why not. */
async function openDevice(tf: Tf): Promise<string | undefined> {
  const packages = await importPackages()
  if (typeof packages === 'string') return packages
  const gpu = packages.create([])
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) return 'Dawn finds no adapter (on Linux it needs a Vulkan driver and libvulkan1)'
  const device = await adapter.requestDevice({ requiredFeatures: [], requiredLimits: highestLimits(adapter) })
  // tfjs looks here for WebGPU and its constants, as in a browser
  Object.assign(globalThis, packages.globals)
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true })
  tf.registerBackend('webgpu', () => new packages.WebGPUBackend(device, adapter.info))
  opened = { gpu, info: adapter.info }
  return undefined
}

/** The backend's package first: with `navigator.gpu` in place it would register itself, with a list of features that Dawn refuses. */
async function importPackages(): Promise<Packages | string> {
  const missing = [DAWN, BACKEND].filter((name) => !isInstalled(name))
  if (missing.length > 0) return `${missing.join(' and ')} not installed (\`${INSTALL}\`)`
  const backend = (await import(BACKEND)) as { default: Pick<Packages, 'WebGPUBackend'> }
  const dawn = (await import(DAWN)) as Omit<Packages, 'WebGPUBackend'>
  return { create: dawn.create, globals: dawn.globals, WebGPUBackend: backend.default.WebGPUBackend }
}

function isInstalled(name: string): boolean {
  try {
    resolve(name)
    return true
  } catch {
    return false
  }
}

/** What tfjs asks for in a browser: all of the adapter, because the defaults of WebGPU are those of a phone. */
function highestLimits({ limits }: Adapter): Record<string, number> {
  const names = ['maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxStorageBufferBindingSize']
  names.push('maxBufferSize', 'maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup')
  return Object.fromEntries(names.map((name) => [name, limits[name]!]))
}

/** SwiftShader and lavapipe are Vulkan drivers without a GPU; not every version of Dawn marks them as such. */
function isSoftware({ vendor, architecture, description, isFallbackAdapter }: AdapterInfo): boolean {
  return isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(`${vendor} ${architecture} ${description}`)
}
