// Sampling against the definition by brute force, and against the distribution that it should have.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidatesOf, type Sampling, tokenSampler } from '../../../ml/text/sampling.ts'

const PLAIN: Sampling = { temperature: 1, topP: 1, repetitionPenalty: 1, seed: 1 }
const scores = fc
  .array(fc.integer({ min: -400, max: 400 }), { minLength: 3, maxLength: 9 })
  .map((each) => Float32Array.from(each, (x) => x / 64))
const settings = fc.record({
  temperature: fc.constantFrom(0.25, 0.5, 1, 2),
  topK: fc.constantFrom(undefined, 1, 2, 4, 100),
  topP: fc.constantFrom(0.1, 0.5, 0.9, 1),
  repetitionPenalty: fc.constantFrom(1, 1.5, 3),
})

/** Far above the rounding of nine float64 terms, and where more than it separates a sum from topP, there is one right answer. */
const ROUNDING = 1e-12

/** From the definition: the smallest sets by trying all of them, not by sorting. `less`: share of topP's sum that counts as reaching it. */
function bruteForce(
  given: Float32Array,
  { temperature, topK, topP, repetitionPenalty }: Omit<Sampling, 'seed'>,
  { seen, less }: { readonly seen: ReadonlySet<number>; readonly less: number },
) {
  const score = [...given].map((x, id) => (!seen.has(id) ? x : x > 0 ? x / repetitionPenalty : x * repetitionPenalty))
  const ids = score.map((_, id) => id).slice(1)
  const ranks = (id: number, pool: number[]) =>
    pool.filter((other) => score[other]! > score[id]! || (score[other] === score[id] && other < id))
  const top = ids.filter((id) => ranks(id, ids).length < (topK ?? Number.POSITIVE_INFINITY))
  const weight = (id: number) => Math.exp((score[id]! - Math.max(...top.map((each) => score[each]!))) / temperature)
  const total = top.reduce((sum, id) => sum + weight(id), 0)
  // in the nucleus: those before it do not reach topP yet
  const before = (id: number) => ranks(id, top).reduce((sum, other) => sum + weight(other), 0)
  const nucleus = top.filter((id) => topP === 1 || before(id) < topP * total * (1 - less))
  const kept = nucleus.reduce((sum, id) => sum + weight(id), 0)
  return new Map(nucleus.map((id) => [id, weight(id) / kept]))
}

describe('candidates', () => {
  it('are those of the definition', () => {
    fc.assert(
      fc.property(scores, settings, fc.uniqueArray(fc.nat(8)), (given, options, read) => {
        const seen = new Set(read)
        const found = candidatesOf(given, options, { seen, first: 1 })
        const [exact, short] = [0, ROUNDING].map((less) => bruteForce(given, options, { seen, less }))
        const expected = found.length === exact!.size ? exact! : short!
        expect(new Set(found.map(({ id }) => id))).toEqual(new Set(expected.keys()))
        for (const { id, probability } of found) expect(probability).toBeCloseTo(expected.get(id)!, 12)
      }),
      { numRuns: 2000 },
    )
  })
  it('come most probable first and sum to one', () => {
    fc.assert(
      fc.property(scores, settings, (given, options) => {
        const found = candidatesOf(given, options, { seen: new Set(), first: 0 })
        const probabilities = found.map(({ probability }) => probability)
        expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a))
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
      }),
    )
  })
  it('are one at temperature 0: the highest, first', () => {
    const given = Float32Array.of(9, 1, 3, 3)
    const found = candidatesOf(given, { ...PLAIN, temperature: 0 }, { seen: new Set(), first: 1 })
    expect(found).toEqual([{ id: 2, probability: 1 }])
  })
  it('survive scores that overflow exponentials', () => {
    const found = candidatesOf(Float32Array.of(1e30, -1e30, 1e30), PLAIN, { seen: new Set(), first: 0 })
    expect(found.slice(0, 2).map(({ id, probability }) => [id, probability])).toEqual([
      [0, 0.5],
      [2, 0.5],
    ])
  })
  it('are never ids below the first', () => {
    expect(candidatesOf(Float32Array.of(99, 99, 0), PLAIN, { seen: new Set(), first: 2 })).toEqual([
      { id: 2, probability: 1 },
    ])
  })
})

describe('draws', () => {
  const given = Float32Array.of(0, 1, 2, -1, 0.5)
  const draws = (seed: number, count: number, options: Partial<Sampling> = {}) => {
    const sample = tokenSampler({ ...PLAIN, ...options, seed }, 0)
    return Array.from({ length: count }, () => sample(given, new Set()))
  }
  it('are the same for the same seed', () => {
    expect(draws(5, 200)).toEqual(draws(5, 200))
    expect(draws(5, 200)).not.toEqual(draws(6, 200))
  })
  it.each([{}, { temperature: 0.5 }, { topK: 3 }, { topP: 0.8 }])('follow the probabilities with %j', (options) => {
    const count = 20_000
    const found = draws(11, count, options)
    const expected = candidatesOf(given, { ...PLAIN, ...options }, { seen: new Set(), first: 0 })
    let chiSquared = 0
    for (const { id, probability } of expected) {
      const hits = found.filter((each) => each === id).length
      chiSquared += (hits - count * probability) ** 2 / (count * probability)
    }
    expect(new Set(found)).toEqual(new Set(expected.map(({ id }) => id)))
    expect(chiSquared).toBeLessThan(18.47) // 0.999 of chi-squared with 4 degrees of freedom
  })
})
