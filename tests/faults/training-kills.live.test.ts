// Every kind of model survives kill -9 of its trainer at a random step with the same bits. Many more kills: node tests/faults/training-kills.ts
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { openTensorflow } from '../ml/builders.ts'
import { killTraining } from './kill-trainer.ts'
import { openTrainingGround, TRAINING_NAMES, type TrainingGround } from './training-ground.ts'

const seed = randomInt(2 ** 31)
const random = seededRandom(seed)
let ground: TrainingGround

beforeAll(async () => {
  ground = await openTrainingGround(inject('endpoints'))
})
afterAll(() => ground.close())

describe.skipIf((await openTensorflow()) === null)('a killed training', () => {
  it.for(TRAINING_NAMES)('ends with the same bits: %s', { timeout: 120_000 }, async (name) => {
    const training = ground.cases.find((each) => each.name === name)!
    const result = await killTraining(ground, training, { backend: 'tensorflow', kills: 1, random, id: `${seed}` })
    expect(result.found, `seed ${seed}, resumed from ${result.resumedFrom}`).toBe(result.expected)
  })
})
