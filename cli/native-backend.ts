// The native TensorFlow backend for whoever trains or serves: fetched and built when missing, with a line that says what is used.
import type { Config } from '../core/config.ts'
import { formatBytes } from '../infra/downloads/format-bytes.ts'
import { ensureNative } from '../infra/tensorflow/native.ts'
import type { NativePlan } from '../infra/tensorflow/plan.ts'
import type { BackendInfo } from '../schemas/model.ts'

/** Never throws: without it training falls back to WebAssembly, and the line says why. Under a second when it is there. */
export async function prepareNative(
  { cacheDir, libtensorflow }: Pick<Config, 'cacheDir' | 'libtensorflow'>,
  say: (line: string) => void,
): Promise<void> {
  const built = await ensureNative({ cacheDir, archive: libtensorflow, say: (line) => say(`native backend: ${line}`) })
  say(
    built.ok
      ? `native backend: TensorFlow ${built.tensorflow}${built.gpu ? ' with a GPU' : ''}`
      : `native backend: not available, training falls back to WebAssembly (${built.why}; to have it: ${built.fix})`,
  )
}

/** Which library, from where, to where, and what it takes; one line each. */
export function planLines(plan: NativePlan): string[] {
  const { variant, tensorflow, wheels, archive, libraryDir, addon, downloadBytes, diskBytes, ready } = plan
  const target = variant === 'cuda' ? 'NVIDIA GPUs' : 'processors'
  const from = archive ?? `${wheels.length === 1 ? 'the Python wheel' : 'the Python wheels'} ${wheels.join(', ')}`
  const sizes = downloadBytes !== null && diskBytes !== null
  const download = sizes ? `${formatBytes(downloadBytes)}, ${formatBytes(diskBytes)} once unpacked` : 'the archive'
  return [
    `TensorFlow ${tensorflow} for ${target}`,
    `  from      ${from}`,
    `  library   ${libraryDir}`,
    `  addon     ${addon}`,
    `  download  ${downloadBytes === 0 ? 'nothing, the library is there' : download}`,
    `  state     ${ready ? 'built before' : downloadBytes === 0 ? 'to be built' : 'to be fetched and built'}`,
  ]
}

/** e.g. "TensorFlow 2.21.0 on NVIDIA H200 (gpu; CUDA 12; driver 570.86.15)" */
export function backendWords({ version, device, deviceName, cuda, driver }: BackendInfo): string {
  const facts = [device, cuda && `CUDA ${cuda}`, driver && `driver ${driver}`].filter(Boolean)
  return `${version} on ${deviceName ?? device} (${facts.join('; ')})`
}
