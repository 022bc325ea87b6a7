// What Linux tells about NVIDIA's driver, its GPUs, and the libraries that this process has really loaded.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from './processor.ts'

export interface LoadedLibraries {
  /** file of the TensorFlow library */
  readonly tensorflow?: string
  /** version of the CUDA runtime, as far as the file's name tells it */
  readonly cuda?: string
}

export interface NvidiaFacts {
  /** distinct models, e.g. "NVIDIA H100 80GB HBM3"; which of several computes is TensorFlow's choice */
  readonly deviceName: string
  readonly driver?: string
}

/** From the memory map, because what a search path would find and what was loaded can differ. `maps`: text of /proc/self/maps. */
export function loadedLibraries(maps: string = textOf('/proc/self/maps')): LoadedLibraries {
  const tensorflow = /\s(\/\S*\/libtensorflow_cc\.so[\d.]*)$/m.exec(maps)?.[1]
  const cuda = /\/libcudart\.so\.([\d.]+)$/m.exec(maps)?.[1]
  return { ...(tensorflow && { tensorflow }), ...(cuda && { cuda }) }
}

/** `folder` is where the driver shows itself; a container may see it without being given the GPU. */
export function nvidiaFacts(folder = '/proc/driver/nvidia'): NvidiaFacts {
  const driver = /Kernel Module(?:\s+for\s+\S+)?\s+(\d+(?:\.\d+)+)/.exec(textOf(join(folder, 'version')))?.[1]
  const cards = namesIn(join(folder, 'gpus')).map((card) => textOf(join(folder, 'gpus', card, 'information')))
  const models = cards.flatMap((text) => /^Model:\s*(.+?)\s*$/m.exec(text)?.[1] ?? [])
  return { deviceName: [...new Set(models)].join(', ') || 'an NVIDIA GPU', ...(driver && { driver }) }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
