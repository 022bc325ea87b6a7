// Plain JavaScript: slow and everywhere, the reference for what the others compute.
import { activate, type Loaded } from './loaded.ts'
import { correctAveragePooling } from './pool-gradient.ts'
import { machineKind, processorName } from './processor.ts'

export async function loadCpu(): Promise<Loaded | string> {
  const tf = (await import('@tensorflow/tfjs')).default
  const refusal = await activate(tf, 'cpu')
  if (refusal !== undefined) return refusal
  correctAveragePooling(tf)
  const machine = machineKind({ threads: 1 })
  return { tf, machine, version: `tfjs ${tf.version.tfjs}`, device: 'cpu', deviceName: processorName() }
}
