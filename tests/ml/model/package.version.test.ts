// A model version is decided by dataset, recipe, code, backend and kind of machine, and repeats its golden rows anywhere.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject, readJson, readObject } from '../../../lake/store/objects.ts'
import { openBackend } from '../../../ml/backend.ts'
import { compileTransform, parseRow } from '../../../ml/features/transform.ts'
import { loadModel } from '../../../ml/model/model.ts'
import { packageModel } from '../../../ml/model/package.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { backendId } from '../../../ml/training/checkpoint.ts'
import { matrixOf } from '../../../ml/training/input/matrix.ts'
import { trainModel } from '../../../ml/training/loop.ts'
import type { GoldenRows, ModelCard } from '../../../schemas/model.ts'
import { MACHINE } from '../builders.ts'
import { DATASET, MANIFEST, PLAN, partOf, TRANSFORM } from '../flowers.ts'

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value
}

async function packageOnce(code = 'code', machine = MACHINE) {
  const store = memoryStore()
  const { tf, info } = await openBackend({ prefer: 'cpu', device: 'any' })
  const transform = compileTransform(TRANSFORM)
  const [train, validate] = [partOf(80, 1), partOf(30, 2)]
  const { predict } = PLAN
  const architecture = architectureOf(PLAN.train.model, TRANSFORM.width, predict)
  const trained = await trainModel({
    tf,
    backend: backendId(info),
    network: networkOf(architecture),
    predict,
    train: PLAN.train,
    from: null,
    rows: await matrixOf(one(train), { transform, predict, rows: 80 }),
    validation: await matrixOf(one(validate), { transform, predict, rows: 30 }),
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  const writer = {
    putObject: (object: Parameters<typeof putObject>[1]) => putObject(store, object),
    putJson: (object: Parameters<typeof putJson>[1]) => putJson(store, object),
  }
  const model = { architecture, trained, backend: info, machines: [machine] }
  const facts = { plan: PLAN, dataset: DATASET, manifest: MANIFEST, ...model, code }
  const ref = await packageModel(tf, writer, { ...facts, transform: TRANSFORM, validationPart: validate })
  return { ref, store }
}

describe('a model version', () => {
  it('has the same digest when made again', async () => {
    expect((await packageOnce()).ref).toEqual((await packageOnce()).ref)
  })
  it('has another digest for other code', async () => {
    expect((await packageOnce('other')).ref.digest).not.toBe((await packageOnce()).ref.digest)
  })
  it('has another digest from another kind of machine', async () => {
    const slower = await packageOnce('code', { ...MACHINE, threads: 1 })
    expect(slower.ref.digest).not.toBe((await packageOnce()).ref.digest)
  })
  it('names everything that made it', async () => {
    const { ref, store } = await packageOnce()
    const card = await readJson<ModelCard>(store, ref)
    expect(card).toMatchObject({
      dataset: DATASET.digest,
      lineage: MANIFEST.lineage,
      transform: MANIFEST.transform,
      code: 'code',
      backend: { name: 'cpu', version: 'tfjs 4.22.0', device: 'cpu' },
      machines: [MACHINE],
      architecture: { inputs: 6, outputs: 2 },
    })
    expect(card.backend).not.toHaveProperty('why')
  })
  it.each(['cpu', 'wasm'] as const)('repeats its golden rows on %s', async (backend) => {
    const { ref, store } = await packageOnce()
    const card = await readJson<ModelCard>(store, ref)
    const golden = await readJson<GoldenRows>(store, card.golden)
    const { tf } = await openBackend({ prefer: backend, device: 'any' })
    const model = await loadModel(tf, await readObject(store, card.weights))
    const compiled = compileTransform(TRANSFORM)
    expect(golden.rows).toHaveLength(16)
    golden.rows.forEach((row, r) => {
      const input = compiled.applyRow(parseRow(PLAN.columns, TRANSFORM, row))
      expect([...input]).toEqual(golden.inputs[r])
      model.predict(input).forEach((answer, i) => {
        expect(Math.abs(answer - golden.outputs[r]![i]!)).toBeLessThan(golden.tolerance)
      })
    })
  })
  it('sends no label and no id', async () => {
    const { ref, store } = await packageOnce()
    const golden = await readJson<GoldenRows>(store, (await readJson<ModelCard>(store, ref)).golden)
    const fields = new Set(golden.rows.flatMap((row) => Object.keys(row)))
    expect([...fields].sort()).toEqual(['colour', 'petal', 'wild'])
    expect(golden.rows.some((row) => row.petal === undefined)).toBe(true) // a missing value is left out
  })
})
