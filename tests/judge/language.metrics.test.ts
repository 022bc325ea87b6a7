// Metrics of next-token prediction: by their definitions, and gates that keep their promise over other documents.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { type Answers, onceEach, type Weights } from '../../judge/estimator.ts'
import { judge } from '../../judge/evaluate.ts'
import { estimators, metricsOf } from '../../judge/metrics.ts'
import { charactersOf, documentAnswers } from '../../ml/text/document-answers.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import { batchOf } from '../clean/rows.ts'

const SPEC = [{ name: 'body', kind: 'text', maxBytes: 1_000 }] as const
const PREDICT = { task: 'next', column: 'body' } as const
const columnsOf = (texts: readonly (string | null)[]) =>
  batchOf(
    SPEC,
    texts.map((body, offset) => ({ cells: { body }, partition: 0, offset, key: null })),
  )

/** documents as [nats, tokens, bits, characters] */
function answersOf(documents: readonly (readonly [number, number, number, number])[]): Answers {
  return {
    predict: PREDICT,
    rows: documents.length,
    outputs: Float32Array.from(documents.flatMap((each) => each.slice(0, 3))),
    labels: Float32Array.from(documents, ([, , , characters]) => characters),
  }
}

describe('metrics', () => {
  it('are ratios of sums over documents', () => {
    const { loss, perplexity, bitsPerCharacter } = metricsOf(
      answersOf([
        [6, 3, 10, 4],
        [2, 1, 2, 2],
        [0, 0, 0, 0],
      ]),
    )
    expect(loss).toBe(2)
    expect(perplexity).toBeCloseTo(Math.exp(2), 12)
    expect(bitsPerCharacter).toBe(2)
  })
  it.each(['loss', 'perplexity', 'bitsPerCharacter'] as const)('%s knows how far a document moves it', (metric) => {
    const documents = [
      [6, 3, 10, 4],
      [2, 1, 2, 2],
      [9, 8, 12, 30],
    ] as const
    const { value, reach } = estimators(answersOf(documents))(metric)
    const step = 1e-6
    documents.forEach((_, document) => {
      // weights are counts; here one of them is moved a little, to see the slope
      const moved = Float64Array.from(documents, (__, row) => (row === document ? 1 + step : 1)) as unknown as Weights
      const slope = (value(moved) - value(onceEach(documents.length))) / step
      expect((reach as Float64Array)[document]).toBeCloseTo(slope * documents.length, 4)
    })
  })
  it('are undefined without a token', () => {
    expect(metricsOf(answersOf([[0, 0, 0, 0]]))).toEqual({})
  })
})

describe('what a document costs', () => {
  const feature: FittedTokens = {
    column: 'body',
    encode: 'tokens',
    unit: 'words',
    vocabulary: ['a', 'b'],
    width: 3,
    context: 2,
  }
  /** each target costs its position in all windows + 1, padding nothing */
  const model = {
    losses: (windows: Float32Array) =>
      Float32Array.from({ length: (windows.length / 3) * 2 }, (_, i) => {
        const target = windows[Math.floor(i / 2) * 3 + (i % 2) + 1]!
        return target === 0 ? 0 : i + 1
      }),
  }
  it('is the sum over its windows', () => {
    const columns = columnsOf(['a b a', null, 'b'])
    expect([...documentAnswers(model, feature, columns)].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([
      ...[6, 3, Math.round((6 / Math.LN2) * 1e5) / 1e5],
      ...[0, 0, 0],
      ...[5, 1, Math.round((5 / Math.LN2) * 1e5) / 1e5],
    ])
    expect([...charactersOf(columns, 'body')]).toEqual([5, 0, 1])
  })
  it('spells the words that are unknown', () => {
    const [nats, , bits] = documentAnswers(model, feature, columnsOf(['a ünk']))
    expect(nats).toBe(3)
    expect(bits).toBeCloseTo(3 / Math.LN2 + 5 * Math.log2(257), 4) // four bytes and the end
  })
})

describe('gates', () => {
  const random = seededRandom(3)
  /** Documents of very different length, whose tokens cost alike within one document. */
  const population = (count: number, shift: number) =>
    Array.from({ length: count }, (): [number, number, number, number] => {
      const tokens = 20 + Math.floor(random() ** 3 * 400)
      const nats = tokens * (2 + shift + (random() - 0.5))
      return [nats, tokens, nats / Math.LN2, tokens]
    })
  const judged = (candidate: Answers, champion: Answers | null, gates: Parameters<typeof judge>[0]['plan']['gates']) =>
    judge({
      plan: { name: 'p', columns: [], predict: PREDICT, gates, alpha: 0.05 },
      candidate: { digest: 'c', outputs: candidate.outputs },
      champion: champion === null ? null : { digest: 'l', outputs: champion.outputs },
      labels: candidate.labels,
      slices: {},
      dataset: 'd',
      seed: 1,
    })
  it('seldom pass a model that misses the limit', () => {
    const truth = 2 / Math.LN2
    const runs = 200
    let passed = 0
    for (let run = 0; run < runs; run++) {
      const { verdict } = judged(answersOf(population(60, 0)), null, [
        { gate: 'atMost', metric: 'bitsPerCharacter', value: truth },
      ])
      if (verdict === 'PASS') passed++
    }
    expect(passed / runs).toBeLessThan(0.06) // 0.025 are allowed; four standard errors more
  })
  it('pass a clear one and fail a clear miss', () => {
    const good = answersOf(population(80, -0.5))
    const gate = (value: number) => [{ gate: 'atMost', metric: 'perplexity', value }] as const
    expect(judged(good, null, gate(Math.exp(2))).verdict).toBe('PASS')
    expect(judged(good, null, gate(Math.exp(1))).verdict).toBe('FAIL')
    expect(judged(answersOf(population(20, -0.5)), null, gate(Math.exp(2))).verdict).toBe('INCONCLUSIVE')
  })
  it('compare models on the same documents', () => {
    const documents = population(60, 0)
    const worse = documents.map(([nats, tokens, bits, characters]) => [nats, tokens, bits * 1.05, characters] as const)
    const gate = (by: number) => [{ gate: 'notWorse', metric: 'bitsPerCharacter', by }] as const
    expect(judged(answersOf(worse), answersOf(documents), gate(0.3)).verdict).toBe('PASS')
    expect(judged(answersOf(worse), answersOf(documents), gate(0.05)).verdict).toBe('FAIL')
  })
  it('refuse a metric of classes', () => {
    const gates = [{ gate: 'atLeast', metric: 'accuracy', value: 0.5 }] as const
    expect(() => judged(answersOf(population(40, 0)), null, gates)).toThrow(/bitsPerCharacter/)
  })
})
