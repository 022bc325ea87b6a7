// TensorFlow's own refusal of memory ends a training with advice, wherever it comes. The library waits 10 s before it refuses.
import { describe, expect, it } from 'vitest'
import type { Network } from '../../ml/network.ts'
import { chooseEngine } from '../../ml/training/engine/choose-engine.ts'
import { eagerEngine } from '../../ml/training/engine/eager-engine.ts'
import { trainModel } from '../../ml/training/loop.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { clusters, openTensorflow, THREE_CLASSES, trainSpec } from './builders.ts'
import { greedy, IMPOSSIBLE, swelling } from './greedy-networks.ts'

const WIDTH = 6
const rows = clusters({ rows: 50, width: WIDTH, seed: 1 })
const validation = clusters({ rows: 20, width: WIDTH, seed: 2 })
const inTraining = greedy(WIDTH, (training) => training)
const save = async () => ({ key: '', sha256: '', bytes: 0, step: 0 })
const opened = await openTensorflow()

describe.skipIf(opened === null)('too little memory on tensorflow', () => {
  const optionsFor = (network: Network, train: TrainSpec) => ({
    tf: opened!.tf,
    network,
    predict: THREE_CLASSES,
    train,
    rows,
    validation,
    backend: opened!.info,
  })

  it('ends an eager step with advice', { timeout: 60_000 }, async () => {
    const options = optionsFor(inTraining, trainSpec({ batch: 32, accumulate: 2 }))
    const engine = eagerEngine(options)
    await expect(trainModel({ ...options, backend: 'any', engine, from: null, save })).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: {
        what: 'a training step on 16 rows at once',
        found: expect.stringMatching(/OOM.*\[8000000,8000000\]/),
        advice: expect.stringContaining('train.accumulate to 4'),
      },
    })
  })

  it('ends the choice of an engine with advice', { timeout: 60_000 }, async () => {
    await expect(chooseEngine(optionsFor(inTraining, trainSpec({ batch: 32 })))).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: { what: 'a training step on 32 rows at once', advice: expect.stringContaining('train.accumulate to 2') },
    })
  })

  it('ends a compiled step with advice', { timeout: 60_000 }, async () => {
    const options = optionsFor(swelling(WIDTH), trainSpec({ batch: 10 }))
    const { engine, why } = await chooseEngine({ ...options, form: { steps: 1, held: false } })
    expect(engine.kind, why).toBe('compiled')
    const large = { ...rows, inputs: Float32Array.from(rows.inputs).fill(IMPOSSIBLE) }
    const training = trainModel({ ...options, rows: large, backend: 'any', engine, from: null, save })
    await expect(training).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: {
        what: 'a training step on 10 rows at once',
        found: expect.stringMatching(/OOM.*\[8000000,8000000\]/),
      },
    })
  })
})
