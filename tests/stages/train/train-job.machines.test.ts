// A training that goes on where another kind of machine left it goes on, and its card names both; alone it ends with the same digest each time.
import { beforeEach, expect, test } from 'vitest'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject, readJson } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import { openBackend } from '../../../ml/backend.ts'
import { openCheckpoints } from '../../../ml/training/checkpoint.ts'
import type { DatasetManifest, PartRef } from '../../../schemas/dataset.ts'
import type { MachineKind, ModelCard, ModelRef } from '../../../schemas/model.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { runTrainJob, type TrainJob } from '../../../stages/train/train-job.ts'
import { MACHINE } from '../../ml/builders.ts'
import { MANIFEST, PLAN, partOf, TRANSFORM } from '../../ml/flowers.ts'

const INPUTS = 'a'.repeat(64)
let store: Store
let job: TrainJob
let here: MachineKind
let lines: TrainerLine[]

beforeEach(async () => {
  store = memoryStore()
  here = (await openBackend({ prefer: 'cpu', device: 'any' })).machine
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(store, { kind: 'transforms', value: TRANSFORM }),
    parts: { train: [await part(60, 1)], validate: [await part(30, 2)], test: [await part(30, 3)] },
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  const plan = { ...PLAN, train: { ...PLAN.train, epochs: 2 } }
  const dataset = { ...ref, digest: ref.sha256, accounting: manifest.accounting }
  job = { job: 'train', code: 'code', backend: 'cpu', inputs: INPUTS, plan, dataset }
})

async function part(rows: number, seed: number): Promise<PartRef> {
  const bytes = encodeColumns(partOf(rows, seed))
  return { ...(await putObject(store, { kind: 'parts', extension: 'arrow', bytes })), rows }
}

async function train(inputs = INPUTS): Promise<{ ref: ModelRef; card: ModelCard; from: number }> {
  lines = []
  const ref = await runTrainJob({ ...job, inputs }, { store, emit: (line) => void lines.push(line) })
  const [started] = lines
  if (started?.type !== 'started') throw new Error('a training says where it starts')
  return { ref, card: await readJson<ModelCard>(store, ref), from: started.fromStep }
}

/** Puts what this machine kept into the hands of another: its checkpoints say that `machine` made them. */
async function handOver(machine: MachineKind, to: string): Promise<void> {
  const task = { pipeline: PLAN.name, backend: 'cpu tfjs 4.22.0 cpu' }
  const kept = await (await openCheckpoints(store, { ...task, inputs: INPUTS, machine: here })).newest()
  await (await openCheckpoints(store, { ...task, inputs: to, machine })).save(kept!)
}

test('alone it names its machine', async () => {
  const { ref, card } = await train()
  expect(card.machines).toEqual([here])
  const again = await train() // finds its training done
  expect(again.from).toBeGreaterThan(0)
  expect(again.ref).toEqual(ref)
  expect((await train('b'.repeat(64))).ref).toEqual(ref)
})

test('what another kind of machine left is gone on with', async () => {
  const { card: alone } = await train()
  const other = { ...MACHINE, processor: 'another one' }
  await handOver(other, 'c'.repeat(64))
  const { card, from } = await train('c'.repeat(64))
  expect(from).toBeGreaterThan(0)
  expect(card.machines).toEqual([other, here])
  expect(card).toEqual({ ...alone, machines: [other, here] })
})
