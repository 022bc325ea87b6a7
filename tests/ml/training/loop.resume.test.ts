// An interrupted training goes on from its newest checkpoint and ends with the same bits.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, sha256 } from '../../../core/digest.ts'
import { openBackend } from '../../../ml/backend.ts'
import { packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { backendId, type Checkpoint, openCheckpoints } from '../../../ml/training/checkpoint.ts'
import { type Trained, type TrainingOptions, trainModel } from '../../../ml/training/loop.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { clusters, openCheckpointStore, THREE_CLASSES, trainSpec } from '../builders.ts'

const rows = clusters({ rows: 50, width: 6, seed: 1 })
const validation = clusters({ rows: 20, width: 6, seed: 2 })

class Killed extends Error {}

/** Trains in attempts: attempt n is killed right after its killAfter[n]-th checkpoint, the last one runs through. */
async function trainInAttempts(train: TrainSpec, killAfter: readonly number[]): Promise<Trained> {
  const { tf, info, machine } = await openBackend({ prefer: 'cpu', device: 'any' })
  const store = openCheckpointStore()
  const backend = backendId(info)
  const network = networkOf(architectureOf(train.model, 6, THREE_CLASSES))
  for (const kills of [...killAfter, Number.POSITIVE_INFINITY]) {
    let saves = 0
    const checkpoints = await openCheckpoints(store, { pipeline: 'p', inputs: 'i', backend, machine })
    const options: TrainingOptions = {
      tf,
      backend,
      network,
      predict: THREE_CLASSES,
      train,
      rows,
      validation,
      from: await checkpoints.newest(),
      async save(checkpoint: Checkpoint) {
        const ref = await checkpoints.save(checkpoint)
        saves += 1
        if (saves === kills) throw new Killed()
        return ref
      },
    }
    try {
      return await trainModel(options)
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }
  throw new Error('the last attempt is not killed')
}

function bytesOf(trained: Trained, train: TrainSpec): string {
  const architecture = architectureOf(train.model, 6, THREE_CLASSES)
  const { steps, epochs } = trained
  return digestOf({ weights: sha256(packModel(architecture, THREE_CLASSES, trained)), steps, epochs })
}

describe('the training loop', () => {
  it('ends with the same bits after any interruptions', async () => {
    const train = trainSpec()
    const whole = bytesOf(await trainInAttempts(train, []), train)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), async (kills) => {
        expect(bytesOf(await trainInAttempts(train, kills), train)).toBe(whole)
      }),
      { numRuns: 12 },
    )
  })
  it('loses no step to a kill between checkpoints', async () => {
    // checkpoints every step, then never but at epoch ends: the path to the result does not matter
    const often = trainSpec({ checkpointEvery: 1 })
    const seldom = trainSpec({ checkpointEvery: 1000 })
    const a = await trainInAttempts(often, [5, 2])
    const b = await trainInAttempts(seldom, [2])
    expect(bytesOf(a, often)).toBe(bytesOf(b, seldom))
  })
  it('stays finished when it was finished', async () => {
    const train = trainSpec({ epochs: 2 })
    const twice = await trainInAttempts(train, [6])
    expect(twice.epochs).toHaveLength(2)
    expect(bytesOf(twice, train)).toBe(bytesOf(await trainInAttempts(train, []), train))
  })
  it('differs with another seed', async () => {
    const [a, b] = [trainSpec(), trainSpec({ seed: 8 })]
    expect(bytesOf(await trainInAttempts(a, []), a)).not.toBe(bytesOf(await trainInAttempts(b, []), b))
  })
})
