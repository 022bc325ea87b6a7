// The kind of machine that a card names: numbers of the processor, instruction sets, threads and switches; texts as Linux shows them.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { allowedProcessors, distinctKinds, machineKind, processorIn } from '../../../ml/backends/processor.ts'
import type { MachineKind } from '../../../schemas/model.ts'
import { MACHINE, openTensorflow } from '../builders.ts'

const x86 = (model: number, flags: string) => `processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: ${model}
model name\t: AMD EPYC
cpu MHz\t\t: 2596.134
flags\t\t: fpu ${flags}
bogomips\t: 5192.26

processor\t: 1
vendor_id\t: AuthenticAMD
`

describe('a processor', () => {
  it('is told from another of the same name', () => {
    expect([x86(1, 'avx fma avx2'), x86(17, 'fma avx2 avx avx512f sha_ni avx512_vnni')].map(processorIn)).toEqual([
      { processor: 'AuthenticAMD family 25 model 1', instructions: ['avx', 'fma', 'avx2'] },
      { processor: 'AuthenticAMD family 25 model 17', instructions: ['avx', 'fma', 'avx2', 'avx512f', 'avx512_vnni'] },
    ])
  })
  it('may be of ARM', () => {
    const features = 'Features\t: fp asimd crc32 sve'
    expect(processorIn(`processor\t: 0\n${features}\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n`)).toEqual({
      processor: 'ARM implementer 0x41 part 0xd40',
      instructions: ['asimd', 'sve'],
    })
  })
  it('has a name where Linux says nothing', () => {
    expect(processorIn('')).toEqual({ instructions: [] })
    expect(machineKind({ threads: 1 }).processor).toMatch(/\S/)
  })
})

describe('processors that are allowed', () => {
  it.each([
    ['0-1', 2],
    ['3', 1],
    ['0-3,8,10-11', 7],
  ])('%s are %d', (list, count) => {
    expect(allowedProcessors(`Cpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`)).toBe(count)
  })
  it('are at least one anywhere', () => {
    expect(allowedProcessors('')).toBeGreaterThan(0)
  })
})

describe('kinds of machines', () => {
  it('are named once, the first one first', () => {
    const other = { ...MACHINE, settings: { ONEDNN_MAX_CPU_ISA: 'AVX2' } }
    const turned = Object.fromEntries(Object.entries(MACHINE).toReversed()) as unknown as MachineKind
    expect(distinctKinds([MACHINE, other, turned, other])).toEqual([MACHINE, other])
  })
  it.each(['cpu', 'wasm'] as const)('have one thread for %s and no switches', async (prefer) => {
    const { machine } = await openBackend({ prefer, device: 'any' })
    expect(machine).toEqual(machineKind({ threads: 1, settings: {} }))
    expect(machine.javascript).toMatch(/^V8 \d+\.\d+$/)
  })
})

describe.skipIf((await openTensorflow()) === null)('TensorFlow in a process of its own', () => {
  const backend = fileURLToPath(new URL('../../../ml/backend.ts', import.meta.url))
  const program = `
    const { openBackend } = await import(${JSON.stringify(backend)})
    console.log(JSON.stringify((await openBackend({ prefer: 'tensorflow', device: 'cpu' })).machine))`
  const SWITCHES = ['TF_ENABLE_ONEDNN_OPTS', 'ONEDNN_MAX_CPU_ISA', 'TF_NUM_INTRAOP_THREADS']
  const started = (settings: Record<string, string>): MachineKind => {
    const inherited = Object.entries(process.env).filter(([name]) => !SWITCHES.includes(name))
    const env = { ...Object.fromEntries(inherited), ...settings }
    return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' }))
  }
  it('says the same each time', () => {
    expect(started({})).toEqual(started({}))
  })
  it('says its threads and switches', () => {
    expect(started({})).toMatchObject({ threads: allowedProcessors(), settings: {} })
    const switches = { TF_ENABLE_ONEDNN_OPTS: '0', ONEDNN_MAX_CPU_ISA: 'AVX2' }
    expect(started({ ...switches, TF_NUM_INTRAOP_THREADS: '1' })).toMatchObject({ threads: 1, settings: switches })
  })
})
