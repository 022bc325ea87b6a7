// A plan that demands a GPU trains on a GPU, or where the settings allow less, and says so.
import { expect, test } from 'vitest'
import { encodeColumns } from '../../../lake/columns/arrow.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject, readJson } from '../../../lake/store/objects.ts'
import type { DatasetManifest, PartRef } from '../../../schemas/dataset.ts'
import type { ModelCard } from '../../../schemas/model.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { runTrainJob, type TrainJob } from '../../../stages/train/train-job.ts'
import { MANIFEST, PLAN, partOf, TRANSFORM } from '../../ml/flowers.ts'

const store = memoryStore()

async function part(rows: number, seed: number): Promise<PartRef> {
  const bytes = encodeColumns(partOf(rows, seed))
  return { ...(await putObject(store, { kind: 'parts', extension: 'arrow', bytes })), rows }
}

/** On wasm, which never is a GPU. */
async function gpuJob(): Promise<TrainJob> {
  const manifest: DatasetManifest = {
    ...MANIFEST,
    transform: await putJson(store, { kind: 'transforms', value: TRANSFORM }),
    parts: { train: [await part(60, 1)], validate: [await part(30, 2)], test: [await part(30, 3)] },
  }
  const ref = await putJson(store, { kind: 'datasets', value: manifest })
  return {
    job: 'train',
    code: 'code',
    backend: 'wasm',
    inputs: 'a'.repeat(64),
    plan: { ...PLAN, train: { ...PLAN.train, epochs: 2, device: 'gpu' } },
    dataset: { ...ref, digest: ref.sha256, accounting: manifest.accounting },
  }
}

test('less than a GPU is refused', async () => {
  const refused = await runTrainJob(await gpuJob(), { store, emit: () => {} }).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'DEVICE_MISSING',
    facts: { expected: 'a GPU with wasm', found: 'wasm: runs on the CPU only' },
  })
})

test('less is taken where allowed, and named', async () => {
  const lines: TrainerLine[] = []
  const emit = (line: TrainerLine): void => void lines.push(line)
  const model = await runTrainJob(await gpuJob(), { store, emit, gpuFallback: true })
  const why = 'asked for by name; no GPU, and SLUICE_GPU_FALLBACK allows less; wasm: runs on the CPU only'
  expect(lines[0]).toMatchObject({ type: 'started', backend: { name: 'wasm', device: 'cpu', why } })
  const card = await readJson<ModelCard>(store, { key: model.key, sha256: model.digest })
  expect(card.backend).toEqual({ name: 'wasm', version: 'tfjs 4.22.0', device: 'cpu' })
})
