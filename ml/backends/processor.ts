// This machine's processor: its name, as people know it, and its kind, which decides the last bits of what a library computes.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { digestOf } from '../../core/digest.ts'
import type { MachineKind } from '../../schemas/model.ts'

/** Sets of instructions that TensorFlow, oneDNN or XNNPACK have their own code for, as Linux writes them: x86, then ARM. */
const INSTRUCTIONS = [
  ...['sse4_1', 'avx', 'fma', 'avx2', 'avx_vnni', 'avx512f', 'avx512bw', 'avx512_vnni', 'avx512_bf16', 'avx512_fp16'],
  ...['amx_tile', 'amx_int8', 'amx_bf16', 'amx_fp16'],
  ...['asimd', 'asimdhp', 'asimddp', 'bf16', 'i8mm', 'sve', 'sve2', 'svebf16'],
]

/** e.g. "AMD EPYC 7B13, 2 threads" */
export function processorName(): string {
  return `${modelName()}, ${availableParallelism()} threads`
}

function modelName(): string {
  return cpus()[0]?.model.replace(/\s+/g, ' ').trim() || process.arch
}

/** `threads`, `settings` and `gpu` as in MachineKind. Every process that is started on this machine in the same way gets the same answer. */
export function machineKind({
  threads,
  settings = {},
  gpu,
}: {
  readonly threads: number
  readonly settings?: Readonly<Record<string, string>>
  readonly gpu?: string
}): MachineKind {
  const { processor = modelName(), instructions } = processorIn(textOf('/proc/cpuinfo'))
  const javascript = `V8 ${process.versions.v8.split('.', 2).join('.')}`
  return { processor, instructions, threads, javascript, settings, ...(gpu === undefined ? {} : { gpu }) }
}

/** What /proc/cpuinfo says of the first core, in numbers: names can be anything, three generations of rented machines are all "AMD EPYC". */
export function processorIn(cpuinfo: string): { readonly processor?: string; readonly instructions: string[] } {
  const value = (name: string): string | undefined => new RegExp(`^${name}\\s*: (.+)$`, 'm').exec(cpuinfo)?.[1]?.trim()
  const has = new Set((value('flags') ?? value('Features') ?? '').split(' '))
  const instructions = INSTRUCTIONS.filter((name) => has.has(name))
  const [vendor, family, model] = ['vendor_id', 'cpu family', 'model'].map(value)
  if (vendor && family && model) return { processor: `${vendor} family ${family} model ${model}`, instructions }
  const [implementer, part] = ['CPU implementer', 'CPU part'].map(value)
  if (implementer && part) return { processor: `ARM implementer ${implementer} part ${part}`, instructions }
  return { instructions }
}

/** On how many processors this process may run. A container's quota does not count: TensorFlow does not ask for it. `status`: text of /proc/self/status. */
export function allowedProcessors(status: string = textOf('/proc/self/status')): number {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
  if (list === undefined) return availableParallelism()
  return list.split(',').reduce((sum, range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?]
    return sum + last! - first + 1
  }, 0)
}

/** Each kind once, in the order of their first appearance. */
export function distinctKinds(kinds: readonly MachineKind[]): MachineKind[] {
  return [...new Map(kinds.map((kind) => [digestOf(kind), kind])).values()]
}

/** Empty where the file is not there or must not be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
