// What a training's heartbeat carries on after a line, and after a death.
import { expect, test } from 'vitest'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { nextDeaths, nextHeartbeat } from '../../../stages/train/heartbeat.ts'
import { aModel, anObject } from '../../workflows/builders.ts'

const checkpoint = { ...anObject('checkpoint'), step: 40 }
const progress: TrainerLine = { type: 'progress', step: 41, steps: 90, epoch: 1, loss: 0.5, examplesPerSecond: 1_000 }

test('a checkpoint since the last death forgets them', () => {
  expect(nextDeaths({})).toEqual({ count: 1, step: 0 })
  expect(nextDeaths({ checkpoint })).toEqual({ count: 1, step: 40 })
  expect(nextDeaths({ checkpoint, deaths: { count: 7, step: 40 } })).toEqual({ count: 8, step: 40 })
  expect(nextDeaths({ checkpoint, deaths: { count: 7, step: 39 } })).toEqual({ count: 1, step: 40 })
})

test('only checkpoints and progress change the heartbeat', () => {
  const beat = { checkpoint, line: progress } as const
  expect(nextHeartbeat(beat, { type: 'trained', model: aModel() })).toBe(beat)
  expect(nextHeartbeat(beat, { type: 'checkpoint', checkpoint: { ...checkpoint, step: 80 } })).toMatchObject({
    checkpoint: { step: 80 },
    line: progress,
  })
})
