// A text model says the same in one pass over windows and token by token, within its context and beyond.
import type { Tensor } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { eagerPasses } from '../../../ml/model/passes.ts'
import { type Architecture, architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { textModelOf } from '../../../ml/text/text-model.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import { CONTEXT, SEQUENCES, TOKENS } from '../networks/network-cases.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const WINDOW = [0, 3, 2, 6, 1, 5]

function opened(spec: ModelSpec, kind: ModelSpec['kind'] = spec.kind) {
  const architecture = architectureOf(spec, CONTEXT + 1, { task: 'next', column: 'body' }, TOKENS)
  const network = networkOf(architecture)
  const weights = initialWeights(network.weights, 5).map(({ name, shape, values }): Tensor => {
    // biases begin at 0 and would hide a mistake
    const moved = /ias|positions/.test(name) ? values.map((_, i) => Math.sin(i)) : values
    return tf.tensor(moved, [...shape])
  })
  const parts = { architecture: { ...architecture, kind } as Architecture, network, weights, averages: [] }
  return textModelOf(tf, { network, passes: eagerPasses(tf, { ...parts, head: 'softmax' }) })
}

const softmax = (scores: Float32Array): number[] => {
  const exponentials = [...scores].map((score) => Math.exp(score))
  const total = exponentials.reduce((sum, x) => sum + x, 0)
  return exponentials.map((x) => x / total)
}

function close(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, 5)
}

describe.each(SEQUENCES)('%s', (_name, spec) => {
  const model = opened(spec)
  it('costs what the reader expects', () => {
    const reader = model.reader()
    const costs = WINDOW.slice(0, CONTEXT).map((id, t) => -Math.log(softmax(reader.read(id))[WINDOW[t + 1]!]!))
    reader.dispose()
    close(model.losses(Float32Array.from(WINDOW)), costs)
  })
  it('padding costs nothing', () => {
    const losses = model.losses(Float32Array.of(...WINDOW, 0, 3, 2, 0, 0, 0))
    expect([...losses.subarray(CONTEXT + 2)].map((x) => x + 0)).toEqual([0, 0, 0])
    close(losses.subarray(CONTEXT, CONTEXT + 2), model.losses(Float32Array.from(WINDOW)).subarray(0, 2))
  })
  it('predicts what follows the last token', () => {
    for (const length of [1, 3, CONTEXT]) {
      const reader = model.reader()
      const scores = WINDOW.slice(0, length)
        .map((id) => reader.read(id))
        .at(-1)!
      reader.dispose()
      const row = Float32Array.from({ length: CONTEXT + 1 }, (_, i) => (i < length ? WINDOW[i]! : 0))
      close(model.predict(row), softmax(scores))
    }
  })
  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    const reader = model.reader()
    for (let i = 0; i < 3 * CONTEXT; i++) reader.read(1 + (i % 5))
    reader.dispose()
    model.predict(Float32Array.from(WINDOW))
    model.losses(Float32Array.from(WINDOW))
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('beyond the context', () => {
  const transformer = SEQUENCES.find(([name]) => name === 'a transformer')![1]
  const ids = Array.from({ length: 4 * CONTEXT }, (_, i) => 1 + ((i * 3) % (TOKENS - 1)))
  it('reading goes on with the later half', () => {
    const model = opened(transformer)
    const reader = model.reader()
    let held: number[] = []
    for (const id of ids) {
      if (held.length === CONTEXT) held = held.slice(-Math.floor(CONTEXT / 2))
      held.push(id)
      const row = Float32Array.from({ length: CONTEXT + 1 }, (_, i) => held[i] ?? 0)
      close(softmax(reader.read(id)), model.predict(row))
    }
    reader.dispose()
  })
  it('a network without a stepper reads alike', () => {
    const [stepping, whole] = [opened(transformer).reader(), opened(transformer, 'custom').reader()]
    for (const id of ids) close(whole.read(id), stepping.read(id))
    stepping.dispose()
    whole.dispose()
  })
})
