// Lets tfjs read a tensor at once (dataSync) from Dawn: its own way takes a canvas, which Node does not have.
import assert from 'node:assert/strict'
import type { DataType } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

interface GpuBuffer {
  readonly size: number
  readonly mapState: 'unmapped' | 'pending' | 'mapped'
  mapAsync(mode: number): Promise<void>
  getMappedRange(): ArrayBuffer
  unmap(): void
  destroy(): void
}

/** The parts of tfjs's WebGPU backend that a read takes; none of it is in its public types. */
interface WebgpuBackend {
  readonly device: { createBuffer(descriptor: { size: number; usage: number }): GpuBuffer }
  readonly tensorMap: { get(dataId: object): TensorData }
  readonly commandEncoder: {
    copyBufferToBuffer(from: GpuBuffer, fromAt: number, to: GpuBuffer, toAt: number, bytes: number): void
  }
  ensureCommandEncoderReady(): void
  endComputePassEncoder(): void
  submitQueue(): void
  convertAndCacheOnCPU(dataId: object, values: Values): Values
  readSync(dataId: object): Values
}

type Values = Float32Array | Int32Array | Uint8Array

interface TensorData {
  /** undefined: they are on the GPU alone */
  readonly values?: Values | null
  readonly dtype: DataType
  readonly resource: GpuBuffer
}

// of the WebGPU specification: https://www.w3.org/TR/webgpu/#buffer-usage
const MAP_READ = 1
const COPY_DST = 8

/** Replaces the backend's `readSync`. Complex numbers and strings, which no model of sluice has, are not read this way. */
export function readAtOnce(tf: Tf, backend: unknown): void {
  const webgpu = backend as WebgpuBackend
  webgpu.readSync = (dataId) => {
    const { values, dtype, resource } = webgpu.tensorMap.get(dataId)
    if (values != null) return values
    const bytes = copyFromGpu(webgpu, resource)
    return webgpu.convertAndCacheOnCPU(dataId, tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype) as Values)
  }
}

function copyFromGpu(webgpu: WebgpuBackend, from: GpuBuffer): ArrayBuffer {
  const staging = webgpu.device.createBuffer({ size: from.size, usage: MAP_READ | COPY_DST })
  webgpu.ensureCommandEncoderReady()
  webgpu.endComputePassEncoder()
  webgpu.commandEncoder.copyBufferToBuffer(from, 0, staging, 0, from.size)
  webgpu.submitQueue()
  mapAtOnce(staging)
  const bytes = staging.getMappedRange().slice(0)
  staging.unmap()
  staging.destroy()
  return bytes
}

/**
 * Dawn for Node looks for finished work in callbacks that it gives to setImmediate. While this waits, they are run here instead.
 * No other JavaScript runs meanwhile, so nobody else's callbacks are among them.
 */
function mapAtOnce(buffer: GpuBuffer): void {
  const { setImmediate } = globalThis
  let looks: (() => void)[] = []
  globalThis.setImmediate = ((look: () => void) => {
    looks.push(look)
  }) as unknown as typeof setImmediate
  try {
    buffer.mapAsync(MAP_READ).catch(() => {}) // a failure shows in mapState
    while (buffer.mapState === 'pending') {
      assert(looks.length > 0, 'a tensor is read at once while another read is awaited')
      const now = looks
      looks = []
      for (const look of now) look()
    }
    assert(buffer.mapState === 'mapped', 'the GPU was lost')
  } finally {
    globalThis.setImmediate = setImmediate
    for (const look of looks) setImmediate(look)
  }
}
