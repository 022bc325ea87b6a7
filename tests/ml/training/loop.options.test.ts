// What a plan may say about training does what it says: budgets, parts, averages, row weights, another model to begin with.
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import type { Checkpoint, EpochRecord } from '../../../ml/training/checkpoint.ts'
import type { Trained, TrainingOptions } from '../../../ml/training/loop.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { clusters, THREE_CLASSES, trainSpec } from '../builders.ts'
import { trainClusters } from '../train-clusters.ts'

const rows = clusters({ rows: 50, width: 6, seed: 1 })
const validation = clusters({ rows: 20, width: 6, seed: 2 })
const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const plain = { ...trainSpec().model, dropout: 0 } as TrainSpec['model']

const train = (spec: TrainSpec, change: Partial<TrainingOptions> = {}): Promise<Trained> =>
  trainClusters(tf, spec, { rows, validation, ...change })

function distance(a: Trained, b: Trained): number {
  const pairs = a.weights.flatMap(({ values }, w) => [...values].map((value, i) => value - b.weights[w]!.values[i]!))
  return Math.max(...pairs.map(Math.abs))
}

describe('a budget', () => {
  it('of steps ends within an epoch', async () => {
    const spec = trainSpec({ epochs: 4, budget: { steps: 10 } }) // 7 steps an epoch
    const trained = await train(spec)
    expect(trained).toMatchObject({ steps: 10, ended: 'steps' })
    expect(trained.epochs).toHaveLength(2)
    expect(Number.isFinite(trained.epochs[1]!.trainLoss)).toBe(true)
  })
  it('of steps ends alike after an interruption', async () => {
    const spec = trainSpec({ epochs: 4, checkpointEvery: 1, budget: { steps: 10 } })
    for (const kills of [9, 10]) {
      let last: Checkpoint | null = null
      const save = async (checkpoint: Checkpoint) => {
        last = { ...checkpoint, epochs: [...checkpoint.epochs] }
        if (checkpoint.step === kills) throw new Error('killed')
        return { key: '', sha256: '', bytes: 0, step: checkpoint.step }
      }
      await expect(train(spec, { save })).rejects.toThrow('killed')
      expect(await train(spec, { from: last })).toEqual(await train(spec))
    }
  })
  it('of minutes counts those of earlier attempts', async () => {
    const spec = trainSpec({ epochs: 1000, budget: { minutes: 10 } })
    let last: Checkpoint | null = null
    const stop = new AbortController()
    const save = async (checkpoint: Checkpoint) => {
      last = checkpoint
      return { key: '', sha256: '', bytes: 0, step: checkpoint.step }
    }
    const onEpoch = () => stop.abort(new Error('handed over'))
    await expect(train(spec, { save, onEpoch, signal: stop.signal })).rejects.toThrow('handed over')
    expect(last!).toHaveProperty('elapsedMs')
    const trained = await train(spec, { from: { ...(last as unknown as Checkpoint), elapsedMs: 600_000 } })
    expect(trained).toMatchObject({ ended: 'minutes', steps: last!.step })
  })
})

describe('a training that is stopped', () => {
  it('keeps a checkpoint of its last step', async () => {
    const stop = new AbortController()
    const saved: number[] = []
    const save = async ({ step }: Checkpoint) => {
      saved.push(step)
      return { key: '', sha256: '', bytes: 0, step }
    }
    const spec = trainSpec({ epochs: 100, batch: 1, checkpointEvery: 1e6 })
    const onProgress = ({ step }: { step: number }) => (step === 40 ? stop.abort(new Error('stopped')) : undefined)
    await expect(train(spec, { save, signal: stop.signal, onProgress })).rejects.toThrow('stopped')
    expect(saved).toEqual([40])
  })
})

describe('parts of a batch', () => {
  it('give the gradient of the whole', async () => {
    const spec = trainSpec({ model: plain, epochs: 3 })
    const whole = await train(spec)
    for (const accumulate of [2, 3, 8]) {
      expect(distance(await train({ ...spec, accumulate }), whole)).toBeLessThan(1e-5)
    }
  })
})

describe('averaged weights', () => {
  it('are the moving average of the steps', async () => {
    const spec = trainSpec({ model: plain, epochs: 1, batch: 10, averageWeights: 0.8 })
    const steps: Checkpoint[] = []
    const save = async (checkpoint: Checkpoint) => {
      steps.push(checkpoint)
      return { key: '', sha256: '', bytes: 0, step: checkpoint.step }
    }
    const trained = await train({ ...spec, checkpointEvery: 1 }, { save })
    const first = (await startOf(spec)).values
    const expected = steps.reduce(
      (average, { weights }) => average.map((value, i) => value + (weights[0]!.values[i]! - value) * 0.2),
      [...first],
    )
    expected.forEach((value, i) => {
      expect(trained.weights[0]!.values[i]).toBeCloseTo(value, 5)
    })
  })
  async function startOf(spec: TrainSpec) {
    const { initialWeights } = await import('../../../ml/training/initial-weights.ts')
    return initialWeights(networkOf(architectureOf(spec.model, 6, THREE_CLASSES)).weights, spec.seed)[0]!
  }
})

describe('row weights', () => {
  it('of one change nothing', async () => {
    const spec = trainSpec({ model: plain, epochs: 2 })
    const weights = new Float32Array(rows.rows).fill(1)
    const weighted = await train(spec, { rows: { ...rows, weights }, weighted: true })
    expect(distance(weighted, await train(spec))).toBeLessThan(1e-6)
  })
  it('of zero leave rows out', async () => {
    const spec = trainSpec({
      model: plain,
      epochs: 2,
      batch: 50,
      optimizer: { kind: 'sgd', rate: 0.1, momentum: 0, nesterov: false },
    })
    const weights = Float32Array.from(rows.labels, (label) => (label === 2 ? 0 : 1))
    const poisoned = {
      ...rows,
      weights,
      inputs: rows.inputs.map((x, i) => (weights[Math.floor(i / 6)] === 0 ? 100 : x)),
    }
    const [a, b] = [{ ...rows, weights }, poisoned]
    const found = await train(spec, { rows: a, weighted: true })
    expect(distance(found, await train(spec, { rows: b, weighted: true }))).toBeLessThan(1e-6)
  })
})

describe('another model to begin with', () => {
  it('takes the place of the seed', async () => {
    const spec = trainSpec({ model: plain, epochs: 1 })
    const first = await train(spec)
    const losses: number[] = []
    const onEpoch = ({ trainLoss }: EpochRecord) => losses.push(trainLoss)
    await train(spec, { start: first, onEpoch: onEpoch as (record: EpochRecord) => void })
    expect(losses[0]).toBeLessThan(first.epochs[0]!.trainLoss)
  })
})

describe('a loss that is no number', () => {
  it('names the rows of its batch', async () => {
    const broken = { ...rows, inputs: Float32Array.from(rows.inputs) }
    broken.inputs[0] = Number.POSITIVE_INFINITY
    const seen: number[][] = []
    const describeRows = (positions: Int32Array) => {
      seen.push([...positions])
      return 'those rows'
    }
    const error = await train(trainSpec(), { rows: broken, describeRows }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'LOSS_NOT_FINITE', facts: { rows: 'those rows', epoch: 1 } })
    expect(seen[0]).toContain(0)
  })
})
