// Passes as a graph answer as eager ones do, for every kind of network and any number of rows; where they cannot, the model stays eager and says why.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { nativeBackend } from '../../../ml/backends/native.ts'
import { compiledPasses } from '../../../ml/graph/compiled-passes.ts'
import { choosePasses, type PassesWish } from '../../../ml/model/choose-passes.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { eagerPasses, type Passes, type PassParts } from '../../../ml/model/passes.ts'
import type { Network, Passed } from '../../../ml/network.ts'
import { type Architecture, architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { textModelOf } from '../../../ml/text/text-model.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { ModelSpec } from '../../../schemas/networks.ts'
import { openTensorflow } from '../builders.ts'
import { architectureFor, CONTEXT, NETWORKS, rowsFor, SEQUENCES, TOKENS } from '../networks/network-cases.ts'
import { distanceOf } from '../tolerance.ts'

/** of sums of hundreds of float32 products in another order, see distanceOf */
const TOLERANCE = 1e-5

const opened = await openTensorflow()
const FEW_RUNS = { numRuns: 8 }

describe.skipIf(opened === null)('compiled passes', () => {
  const { tf, info } = opened!
  const many: PassesWish = { backend: info, purpose: 'serve', rows: 2_000 }
  const sessions = (): number =>
    (nativeBackend(tf).binding as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels()

  /** Weights that are not the first ones: biases and averages of zero or one would hide a mistake. */
  function partsOf(architecture: Architecture, network: Network = networkOf(architecture)): PassParts {
    const upload = (specs: Network['weights'], seed: number): Tensor[] =>
      initialWeights(specs, seed).map(({ values, shape }, w) =>
        tf.tensor(
          values.map((value, i) => value + 0.1 * Math.abs(Math.sin(i + w))),
          [...shape],
        ),
      )
    const tensors = { weights: upload(network.weights, 3), averages: upload(network.averages, 4) }
    return { architecture, network, head: 'softmax', ...tensors }
  }

  function open(architecture: Architecture): { eager: Passes; compiled: Passes; network: Network; dispose(): void } {
    const parts = partsOf(architecture)
    const [eager, compiled] = [eagerPasses(tf, parts), compiledPasses(tf, parts)]
    const dispose = (): void => [eager, compiled].forEach((passes) => void passes.dispose())
    return { eager, compiled, network: parts.network, dispose }
  }

  /** All that the passes say of some rows. */
  function said({ passes, network, rows }: { passes: Passes; network: Network; rows: number[][] }): number[][] {
    const { examplesPerRow, targets } = network
    return tf.tidy(() => {
      const x = tf.tensor2d(rows)
      if (targets === undefined) return [passes.answers(x, null), passes.scores(x, null)].map(valuesOf)
      const asked = tf.tensor1d(
        rows.map((row, r) => r * examplesPerRow + (row[0]! % examplesPerRow)),
        'int32',
      )
      return [passes.answers(x, asked), passes.scores(x, asked), passes.losses(x)].map(valuesOf)
    })
  }

  describe.each(NETWORKS)('of %s', (_, spec) => {
    const architecture = architectureFor(spec)
    const { eager, compiled, network, dispose } = open(architecture)
    afterAll(dispose)

    it('say what eager ones say', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1000), (count, seed) => {
          const rows = rowsFor(architecture, count, seed)
          const expected = said({ passes: eager, network, rows })
          said({ passes: compiled, network, rows }).forEach((values, i) => {
            expect(distanceOf(values, expected[i]!)).toBeLessThan(TOLERANCE)
          })
        }),
        FEW_RUNS,
      )
    })

    it('know nothing of other rows', () => {
      const rows = rowsFor(architecture, 9, 5)
      const together = said({ passes: compiled, network, rows })
      const alone = rows.map((row) => said({ passes: compiled, network, rows: [row] }))
      together.forEach((values, i) => {
        const each = alone.flatMap((one) => one[i]!)
        expect(distanceOf(values, each)).toBeLessThan(TOLERANCE)
      })
    })

    it.each(['serve', 'judge'] as const)('to %s leave no tensor and no graph behind', (purpose) => {
      const before = [tf.memory().numTensors, sessions()]
      const { passes, why } = choosePasses(tf, partsOf(architecture), { ...many, purpose })
      said({ passes, network, rows: rowsFor(architecture, 3, 5) })
      passes.dispose()
      expect([why.includes('differ by') || spec.kind === 'mlp', tf.memory().numTensors, sessions()]).toEqual([
        true,
        ...before,
      ])
    })
  })

  describe.each(SEQUENCES)('of %s', (_, spec) => {
    const architecture = architectureOf(spec, CONTEXT + 1, { task: 'next', column: 'body' }, TOKENS)
    const { eager, compiled, network, dispose } = open(architecture)
    const [expected, found] = [eager, compiled].map((passes) => textModelOf(tf, { network, passes }))
    const ids = Array.from({ length: 3 * CONTEXT }, (__, i) => 1 + ((i * 3) % (TOKENS - 1)))
    afterAll(dispose)

    it('read on as eager ones do', () => {
      const [a, b] = [expected!.reader(), found!.reader()]
      for (const id of ids) expect(distanceOf([...b.read(id)], [...a.read(id)])).toBeLessThan(TOLERANCE)
      for (const reader of [a, b]) reader.dispose()
    })

    it('read several texts at once', () => {
      const before = tf.memory().numTensors
      const alone = found!.reader()
      const scores = ids.map((id) => [...alone.read(id)])
      const [one, other] = [found!.reader(), found!.reader()]
      ids.forEach((id, i) => {
        expect([...one.read(id)]).toEqual(scores[i])
        other.read(1 + (i % 2))
      })
      for (const reader of [alone, one, other]) reader.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  it('of a network without single tokens read alike', () => {
    const spec: ModelSpec = SEQUENCES.at(-1)![1]
    const architecture = architectureOf(spec, CONTEXT + 1, { task: 'next', column: 'body' }, TOKENS)
    const network = networkOf(architecture)
    const parts = partsOf(architecture, network)
    const custom = { ...parts, architecture: { ...architecture, kind: 'custom' } as unknown as Architecture }
    const [stepping, whole] = [compiledPasses(tf, parts), compiledPasses(tf, custom)]
    const readers = [stepping, whole].map((passes) => textModelOf(tf, { network, passes }).reader())
    for (const id of [3, 1, 6, 2, 5, 4]) {
      expect(distanceOf([...readers[1]!.read(id)], [...readers[0]!.read(id)])).toBeLessThan(TOLERANCE)
    }
    for (const each of [...readers, stepping, whole]) each.dispose()
    tf.dispose([...parts.weights])
  })

  it('outlive the tensors that they were made from', () => {
    const architecture = architectureFor(NETWORKS.find(([name]) => name === 'convolutions')![1])
    const parts = partsOf(architecture)
    const [eager, compiled] = [eagerPasses(tf, parts), compiledPasses(tf, parts)]
    const rows = rowsFor(architecture, 4, 1)
    const expected = said({ passes: eager, network: parts.network, rows })
    eager.dispose()
    tf.dispose(parts.weights.map(({ shape }) => tf.fill([...shape], 7))) // what freed memory would be taken for
    said({ passes: compiled, network: parts.network, rows }).forEach((values, i) => {
      expect(distanceOf(values, expected[i]!)).toBeLessThan(TOLERANCE)
    })
    compiled.dispose()
  })

  describe('are not taken', () => {
    const text = architectureFor(NETWORKS.find(([name]) => name === 'a text classifier')![1])
    const plain = networkOf(text)
    const changed = (change: (passed: Passed, x: Tensor2D) => Tensor): Network => ({
      ...plain,
      forward(own, pass) {
        const passed = plain.forward(own, pass)
        return { ...passed, logits: change(passed, pass.x) as Tensor2D }
      },
    })
    /** → engine, why, and tensors that are left */
    const choice = (wish: PassesWish, { architecture = text, network = plain } = {}): [string, string, number] => {
      const [tensors, open] = [tf.memory().numTensors, sessions()]
      const { passes, why } = choosePasses(tf, partsOf(architecture, network), wish)
      const { kind } = passes
      passes.dispose()
      expect(sessions()).toBe(open)
      return [kind, why, tf.memory().numTensors - tensors]
    }

    it.each([
      ['for a few rows', { rows: 1_999 }, /pays from/],
      ['against the setting', { forceEager: true }, /SLUICE_EAGER is set/],
      ['on other backends', { backend: { name: 'wasm' } }, /wasm runs no graphs/],
    ] as const)('%s', (_, change, words) => {
      expect(choice({ ...many, ...change })).toEqual(['eager', expect.stringMatching(words), 0])
    })

    it('for dense layers', () => {
      const architecture = architectureFor({ kind: 'mlp', hidden: [4], activation: 'relu', dropout: 0 })
      const found = choice(many, { architecture, network: networkOf(architecture) })
      expect(found).toEqual(['eager', expect.stringContaining('dense layers'), 0])
    })

    it.each([
      [
        'when JavaScript reads values',
        changed(({ logits }) => tf.mul(logits, logits.dataSync()[0]!)),
        /read in JavaScript/,
      ],
      [
        'when numbers are drawn in JavaScript',
        changed(({ logits }) => tf.mul(logits, tf.scalar(Math.random()))),
        /another graph for another number/,
      ],
      [
        'when rows are counted in JavaScript',
        changed(({ logits }, x) => tf.add(logits, tf.fill(logits.shape, x.shape[0]))),
        /another graph for another number/,
      ],
      [
        'when the graph answers something else',
        changed(({ logits }, { shape: [rows] }) => (rows === 2 || rows === 3 ? tf.mul(logits, 1.001) : logits)),
        /after compiling, the answers differ by .* allowed is/,
      ],
    ] as const)('%s', (_, network, words) => {
      expect(choice(many, { network })).toEqual(['eager', expect.stringMatching(words), 0])
    })
  })

  it('answer as the same model on another backend', async () => {
    const next = { task: 'next', column: 'body' } as const
    const architecture = architectureOf(SEQUENCES[1]![1], CONTEXT + 1, next, TOKENS)
    const first = { weights: initialWeights(networkOf(architecture).weights, 9), averages: [] }
    const rows = Float32Array.from(rowsFor(architecture, 7, 2).flat())
    const bytes = packModel(architecture, next, first)
    const compiled = await loadModel(tf, bytes, undefined, many)
    const found = [compiled.predict(rows), compiled.text!.losses(rows)]
    expect(compiled.engine).toEqual({ kind: 'compiled', why: expect.stringContaining('differ by') })
    compiled.dispose()
    const other = await openBackend({ prefer: 'cpu', device: 'any' })
    const plain = await loadModel(other.tf, bytes)
    const expected = [plain.predict(rows), plain.text!.losses(rows)]
    plain.dispose()
    await openBackend({ prefer: 'tensorflow', device: 'any' }) // the one that the other tests go on with
    found.forEach((values, i) => {
      expect(distanceOf([...values], [...expected[i]!])).toBeLessThan(TOLERANCE)
    })
  })
})

function valuesOf(tensor: Tensor2D | Tensor1D): number[] {
  return [...tensor.dataSync()]
}
