// What a person reads about a training while it goes on: the same words in the UI and in the terminal.
import { expect, it } from 'vitest'
import { describeTraining } from '../../../cli/output/describe-run.ts'
import type { TrainerLine } from '../../../schemas/trainer.ts'
import { describeStart, openTrainingView } from '../../../stages/train/training-view.ts'

const started: TrainerLine = {
  type: 'started',
  fromStep: 0,
  steps: 400,
  rows: 3200,
  backend: { name: 'tensorflow', version: 'TensorFlow 2.21.0', device: 'cpu', why: 'test' },
  engine: { kind: 'compiled', why: 'test' },
}
const progress = (step: number): TrainerLine => ({
  type: 'progress',
  step,
  steps: 400,
  epoch: 1 + Math.floor(step / 100),
  loss: 0.5,
  examplesPerSecond: 51_234.4,
})

it('tells share, losses, speed and time', () => {
  let nowMs = 0
  const view = openTrainingView({ epochs: 4 }, () => nowMs)
  expect(view(started)).toBeUndefined()
  expect(view(progress(20))).toEqual({
    step: 20,
    steps: 400,
    text: '5 %, epoch 1/4, step 20/400, loss 0.5000, 51,234 examples/s',
  })
  nowMs = 4_000
  expect(view({ type: 'epoch', epoch: 1, trainLoss: 1, validationLoss: 0.25, best: true })?.step).toBe(20)
  view({ type: 'epoch', epoch: 2, trainLoss: 1, validationLoss: 0.75, best: false })
  // 80 steps in 4 s, 300 to go
  expect(view(progress(100))?.text).toBe(
    '25 %, about 15 s left, epoch 2/4, step 100/400, loss 0.5000, 51,234 examples/s, validation 0.7500 (best 0.2500)',
  )
})

it('remembers the best epoch before a restart', () => {
  const view = openTrainingView({ epochs: 4 })
  view({ ...started, fromStep: 100, best: 0.25 } as TrainerLine)
  view(progress(120))
  const text = view({ type: 'epoch', epoch: 2, trainLoss: 1, validationLoss: 0.75, best: false })?.text
  expect(text).toContain('validation 0.7500 (best 0.2500)')
})

it('tells the norm of the gradient where it is watched', () => {
  const view = openTrainingView({ epochs: 4 })
  expect(view({ ...progress(20), gradientNorm: 12.3456 } as TrainerLine)?.text).toBe(
    '5 %, epoch 1/4, step 20/400, loss 0.5000, gradient 12.3, 51,234 examples/s',
  )
})

it.each([
  [20, 'at most 40 s left'],
  [600, 'at most 20 min left'],
  [12_000, 'at most 6.7 h left'],
])('forecasts after %d s of this attempt', (seconds, words) => {
  let nowMs = 0
  const view = openTrainingView({ epochs: 4, patience: 2 }, () => nowMs)
  view(progress(100)) // a resumed one
  nowMs = seconds * 1000
  expect(view(progress(200))?.text.split(', ')[1]).toBe(words)
})

it('hears of a checkpoint without a word', () => {
  const view = openTrainingView({ epochs: 4 })
  expect(view({ type: 'checkpoint', checkpoint: { key: 'k', sha256: 's', bytes: 1, step: 1 } })).toBeUndefined()
})

it('is a bar in the terminal', () => {
  const view = { step: 1200, steps: 4800, text: '25 %, epoch 1/4' }
  expect(describeTraining('train', { view })).toEqual({
    label: 'train',
    value: 1200,
    total: 4800,
    detail: '25 %, epoch 1/4',
  })
  expect(describeTraining('train', { line: started as never })).toEqual({
    label: 'train',
    detail: 'starts on TensorFlow 2.21.0 (cpu), compiled',
  })
  expect(describeTraining('train', null)).toBeNull()
})

it('says at the start what computes, and why', () => {
  const backend = { name: 'tensorflow', version: 'TensorFlow 2.21.0', device: 'cpu', why: 'the best' } as const
  const engine = { kind: 'eager', why: 'the value of MatMul is read in JavaScript' } as const
  expect(describeStart({ type: 'started', backend, engine, fromStep: 40, steps: 90, rows: 9 })).toBe(
    'trainer: on TensorFlow 2.21.0 (cpu), eager (the value of MatMul is read in JavaScript), from step 40',
  )
})

it('tells what is odd about the labels', () => {
  const notes = ['kind "spam" is not in every split']
  expect(describeStart({ ...started, notes } as Extract<TrainerLine, { type: 'started' }>)).toMatch(
    /, from step 0; kind "spam" is not in every split$/,
  )
  const view = openTrainingView({ epochs: 4 })
  view({ ...started, notes } as TrainerLine)
  expect(view(progress(20))?.text).toMatch(/51,234 examples\/s, kind "spam" is not in every split$/)
})
