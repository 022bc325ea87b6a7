// The processor's name, as people know it.
import { availableParallelism, cpus } from 'node:os'

/** e.g. "AMD EPYC 7B13, 2 threads" */
export function processorName(): string {
  const model = cpus()[0]?.model.replace(/\s+/g, ' ').trim()
  return `${model || process.arch}, ${availableParallelism()} threads`
}
