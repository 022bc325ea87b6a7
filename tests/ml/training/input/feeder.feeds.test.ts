// A feed holds the very batches that an epoch's order names, in whichever form its engine takes them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../../ml/backend.ts'
import { noiseKeys } from '../../../../ml/operations/noise.ts'
import { scheduledRate } from '../../../../ml/optimizers/rate.ts'
import { partSize, partSizes } from '../../../../ml/training/engine/engine.ts'
import { epochOrder, stepsPerEpoch } from '../../../../ml/training/input/epoch.ts'
import { disposeFeed, pickBatch, pickHyper } from '../../../../ml/training/input/feed.ts'
import { feedForm, openFeeder } from '../../../../ml/training/input/feeder.ts'
import type { Matrix } from '../../../../ml/training/input/matrix.ts'
import { trainSpec } from '../../builders.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })

/** Row r holds r.0, r.1, … and has label r and weight r / 2. */
function numbered(rows: number, width: number): Matrix {
  const inputs = Float32Array.from({ length: rows * width }, (_, i) => Math.floor(i / width) + (i % width) / 100)
  const labels = Float32Array.from({ length: rows }, (_, row) => row)
  return { rows, width, inputs, labels, weights: labels.map((label) => label / 2) }
}

const optimizer = { ...trainSpec().optimizer, warmup: 3, decay: { kind: 'cosine', to: 0.001 } } as const

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  width: fc.integer({ min: 1, max: 40 }), // rows are copied in another way from 32 values on
  batch: fc.integer({ min: 1, max: 20 }),
  accumulate: fc.integer({ min: 1, max: 4 }),
  steps: fc.integer({ min: 1, max: 5 }),
  held: fc.boolean(),
  /** steps of the epoch that an earlier attempt took */
  done: fc.nat({ max: 3 }),
})

describe('feeds', () => {
  it('hold every batch of an epoch once', () => {
    fc.assert(
      fc.property(shapes, ({ rows: count, width, batch, accumulate, steps, held, done }) => {
        const rows = numbered(count, width)
        const train = trainSpec({ batch, accumulate, optimizer })
        const perEpoch = stepsPerEpoch(count, batch)
        const order = epochOrder(count, train.seed, 2)
        const before = tf.memory().numTensors
        const source = openFeeder({ tf, train, rows, form: { steps, held } })
        const [x, y] = [tf.tensor2d(rows.inputs, [count, width]), tf.tensor1d(rows.labels)]
        const all = { x, y, weights: tf.tensor1d(rows.weights!) }
        for (let i = Math.min(done, perEpoch - 1); i < perEpoch; ) {
          const step = perEpoch + i
          const feed = source.next({ step, order, start: i * batch, validationLosses: [1] })
          expect(feed.indices.length).toBeGreaterThan(0)
          feed.indices.forEach((index, at) => {
            const places = order.subarray((i + at) * batch, (i + at + 1) * batch)
            const found = feed.stacks.map((stack) => tf.tidy(() => valuesOf(pickBatch(tf, stack, index, all))))
            expect(found).toEqual(batchesOf(rows, places, { train, step: step + at }))
            const rate = scheduledRate(optimizer, {
              step: step + at,
              totalSteps: train.epochs * perEpoch,
              validationLosses: [1],
            })
            expect([feed.rows, feed.rates[at]]).toEqual([places.length, rate])
            const picked = tf.tidy(() => pickHyper(tf, feed.hyper, index).rate.dataSync()[0])
            expect(picked).toBe(Math.fround(rate))
          })
          i += feed.indices.length
          disposeFeed(tf, feed)
        }
        source.dispose()
        tf.dispose([all.x, all.y, all.weights])
        expect(tf.memory().numTensors).toBe(before)
      }),
      { numRuns: 150 },
    )
  })

  it('never reach into the short last batch', () => {
    const rows = numbered(25, 2)
    const source = openFeeder({ tf, train: trainSpec({ batch: 10 }), rows, form: { steps: 8, held: true } })
    const order = epochOrder(25, 1, 1)
    const first = source.next({ step: 0, order, start: 0, validationLosses: [] })
    const last = source.next({ step: 2, order, start: 20, validationLosses: [] })
    expect([first, last].map(({ indices, rows: each }) => [indices.length, each])).toEqual([
      [2, 10],
      [1, 5],
    ])
    for (const feed of [first, last]) disposeFeed(tf, feed)
    source.dispose()
  })
})

describe('keys of noise', () => {
  it('are the same alone and together, across 16 million steps', () => {
    const step = 2 ** 24 - 3
    const alone = Array.from({ length: 6 }, (_, i) => [...noiseKeys(5, { step: step + i, steps: 1, part: 1 })])
    expect([...noiseKeys(5, { step, steps: 6, part: 1 })]).toEqual(alone.flat())
    expect(new Set(alone.map(String)).size).toBe(6)
  })
})

describe('a compiled engine', () => {
  it.each([
    ['holds the rows of a dataset that fits', { rows: 60_000, width: 784 }, 128, { held: true, steps: 64 }],
    ['gathers wide rows of a larger one one step at a time', { rows: 1e6, width: 784 }, 128, { held: false, steps: 1 }],
    ['gathers narrow rows of a larger one for many steps', { rows: 1e8, width: 10 }, 32, { held: false, steps: 64 }],
    ['takes no more steps than an epoch has', { rows: 100, width: 10 }, 32, { held: true, steps: 3 }],
    ['takes one batch for few rows', { rows: 10, width: 10 }, 32, { held: true, steps: 1 }],
  ])('%s', (_, shape, batch, expected) => {
    expect(feedForm(shape, { batch })).toEqual(expected)
  })
})

type Picked = ReturnType<typeof pickBatch>

function valuesOf({ x, y, key, weights }: Picked) {
  return [x, y, key, weights!].map((tensor) => [tensor.shape, [...tensor.dataSync()]])
}

/** The obvious way: each part of the step by itself. */
function batchesOf(
  { width, inputs, labels, weights }: Matrix,
  places: Int32Array,
  { train, step }: { train: ReturnType<typeof trainSpec>; step: number },
) {
  let from = 0
  return partSizes(places.length, partSize(train)).map((size, part) => {
    const rows = [...places.subarray(from, from + size)]
    from += size
    return [
      [[size, width], rows.flatMap((row) => [...inputs.subarray(row * width, (row + 1) * width)])],
      [[size], rows.map((row) => labels[row]!)],
      [[2], [...noiseKeys(train.seed, { step, steps: 1, part })]],
      [[size], rows.map((row) => weights![row]!)],
    ]
  })
}
