// Of a training's checkpoints the newest whole one is found, and few are kept.
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import { packTensors, unpackTensors } from '../../../ml/model/tensor-file.ts'
import { type Checkpoint, openCheckpoints } from '../../../ml/training/checkpoint.ts'
import { checkpointKey } from '../../../schemas/ids.ts'
import type { MachineKind } from '../../../schemas/model.ts'
import { MACHINE, openCheckpointStore } from '../builders.ts'

const training = { pipeline: 'p', inputs: 'i', machine: MACHINE }

function checkpointAt(step: number, backend = 'cpu'): Checkpoint {
  const weight = { name: '0/kernel', shape: [2, 1], values: Float32Array.of(step, -0.1) }
  const epochs = [{ epoch: 1, trainLoss: 0.5, validationLoss: 0.25, best: true }]
  const state = { weights: [weight], averages: [] }
  return {
    backend,
    step,
    epochLoss: 0.1,
    epochs,
    ...state,
    slots: [[weight], [weight]],
    best: { weights: [], averages: [weight] },
  }
}

async function storeWith(checkpoints: readonly Checkpoint[]) {
  const store = openCheckpointStore()
  for (const checkpoint of checkpoints) {
    const opened = await openCheckpoints(store, { ...training, backend: checkpoint.backend })
    await opened.save(checkpoint)
  }
  return store
}

async function newestStep(store: ReturnType<typeof openCheckpointStore>, backend = 'cpu') {
  const newest = await (await openCheckpoints(store, { ...training, backend })).newest()
  return newest?.step
}

describe('checkpoints', () => {
  it('come back as they were', async () => {
    const store = await storeWith([checkpointAt(5)])
    expect(await (await openCheckpoints(store, { ...training, backend: 'cpu' })).newest()).toEqual({
      ...checkpointAt(5),
      machines: [MACHINE],
    })
  })
  it('are named by step and content', async () => {
    const opened = await openCheckpoints(openCheckpointStore(), { ...training, backend: 'cpu' })
    const ref = await opened.save(checkpointAt(5))
    expect(ref).toMatchObject({ step: 5, key: `checkpoints/p/i/000000000005-${ref.sha256}.ckpt` })
  })
  it('are found newest first, by number', async () => {
    expect(await newestStep(await storeWith([9, 10, 100].map((step) => checkpointAt(step))))).toBe(100)
  })
  it('are kept two at a time', async () => {
    const store = openCheckpointStore()
    const opened = await openCheckpoints(store, { ...training, backend: 'cpu' })
    for (const step of [1, 2, 3, 4]) await opened.save(checkpointAt(step))
    expect([...store.objects.keys()].map((key) => key.slice(0, 28))).toEqual(
      [3, 4].map((n) => `checkpoints/p/i/00000000000${n}`),
    )
    expect((await storeWith([1, 2, 3, 4].map((step) => checkpointAt(step)))).objects.size).toBe(2)
  })
  it('survive a late twin of the training', async () => {
    const store = await storeWith([10, 11].map((step) => checkpointAt(step)))
    const late = await openCheckpoints(store, { ...training, backend: 'cpu' })
    for (const step of [3, 4, 5]) await late.save(checkpointAt(step))
    expect(await newestStep(store)).toBe(11)
    store.objects.delete([...store.objects.keys()].sort().at(-1)!)
    expect(await newestStep(store)).toBe(10) // the spare one is there, too
  })
  it.each(['cut', 'flipped'])('are passed over when %s', async (damage) => {
    const store = await storeWith([1, 2].map((step) => checkpointAt(step)))
    const newest = [...store.objects.keys()].sort().at(-1)!
    const bytes = Uint8Array.from(store.objects.get(newest)!)
    bytes[bytes.length - 2]! ^= 1
    store.objects.set(newest, damage === 'cut' ? bytes.slice(0, -4) : bytes)
    expect(await newestStep(store)).toBe(1)
  })
  it('of another backend are left alone', async () => {
    const store = await storeWith([checkpointAt(1, 'cpu'), checkpointAt(2, 'wasm')])
    expect(await newestStep(store, 'cpu')).toBe(1)
    expect(await newestStep(store, 'tensorflow')).toBeUndefined()
  })
  it('name every kind of machine that made them', async () => {
    const other = { ...MACHINE, instructions: ['avx2', 'avx512f'] }
    const store = openCheckpointStore()
    const openedOn = (machine: MachineKind) => openCheckpoints(store, { ...training, machine, backend: 'cpu' })
    const attempts: MachineKind[][] = []
    for (const [at, machine] of [MACHINE, other, other, { ...MACHINE }].entries()) {
      const opened = await openedOn(machine)
      await opened.newest()
      await opened.save(checkpointAt(at + 1))
      attempts.push([...opened.machines()])
    }
    expect(attempts).toEqual([[MACHINE], [MACHINE, other], [MACHINE, other], [MACHINE, other]])
    expect((await (await openedOn(other)).newest())?.machines).toEqual([MACHINE, other])
  })
  it('of which nobody knows the machine are passed over', async () => {
    const store = await storeWith([checkpointAt(1)])
    const { meta, tensors } = unpackTensors([...store.objects.values()][0]!, 'k')
    const { machines: _, ...older } = meta as Record<string, unknown>
    const bytes = packTensors({ ...older, step: 2 }, tensors)
    store.objects.set(checkpointKey('p', 'i', 2, sha256(bytes)), bytes)
    expect(await newestStep(store)).toBe(1)
  })
  it('of other inputs are not seen', async () => {
    const store = await storeWith([checkpointAt(1)])
    const opened = await openCheckpoints(store, { ...training, inputs: 'j', backend: 'cpu' })
    expect(await opened.newest()).toBeNull()
  })
})
