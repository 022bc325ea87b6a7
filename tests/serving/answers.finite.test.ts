// An answer is finite or an error with a code, wherever it leaves: one row, a batch, a text, a golden row.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import { openBackend } from '../../ml/backend.ts'
import { requireFinite } from '../../ml/model/finite-answers.ts'
import { generate } from '../../ml/text/generate.ts'
import type { FittedTokens } from '../../schemas/dataset.ts'
import { toHttpError } from '../../serving/http-errors.ts'
import { loadChampion } from '../../serving/loader.ts'
import { PRICE_PLAN, promotePriceModel } from './price-model.ts'
import { type AllServed, post, serveAll } from './serve-all.ts'

let all: AllServed
beforeAll(async () => {
  all = await serveAll()
})
afterAll(() => all?.serving.close())

const ask = (body: unknown) => post(all.serving, body, { path: '/prices' })
const row = (amount: unknown) => ({ amount, account: 'b', wave: [0, 0] })

describe('a prediction', () => {
  test.each([
    [1e9, 'Infinity'],
    [-1e9, '-Infinity'],
  ])('from %d overflows and is refused', async (amount, found) => {
    const { status, body } = await ask(row(amount))
    expect([status, body]).toEqual([
      422,
      {
        code: 'ANSWER_NOT_FINITE',
        message: `body: expected finite numbers as the answer of the model, found ${found}`,
        field: 'body',
        found,
        next: expect.stringContaining('min and max'),
      },
    ])
  })

  test('of a batch is refused by its row', async () => {
    const { status, body } = await ask({ rows: [row(1), row(2), row(1e9), row(1e9)] })
    expect([status, body.code, body.field]).toEqual([422, 'ANSWER_NOT_FINITE', 'rows[2]'])
  })

  test('near the limit of floats is given', async () => {
    const { status, body } = await ask(row(3e8))
    expect([status, body.predictions]).toMatchObject([200, [{ value: expect.closeTo(3e38, -32) }]])
  })

  test.each([
    ['amount', row(1e39)],
    ['amount', row(-1e308)],
    ['wave', { ...row(0), wave: [0, 1e39] }],
  ])('from a %s beyond 32-bit floats names it', async (field, body) => {
    for (const [sent, name] of [
      [body, field],
      [{ rows: [row(1), body] }, `rows[1].${field}`],
    ]) {
      const answer = await ask(sent)
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'REQUEST_INVALID', name])
    }
  })

  test('without a server is the same error', async () => {
    const store = memoryStore()
    await promotePriceModel(store)
    const backend = await openBackend({ prefer: 'cpu', device: 'cpu' })
    const model = await loadChampion(store, { pipeline: 'prices', columns: PRICE_PLAN.columns, backend })
    const refusal = (asked: unknown) => expect(() => model.predict(asked))
    refusal(row(1e9)).toThrow(expect.objectContaining({ code: 'ANSWER_NOT_FINITE' }))
    refusal(row(1e39)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
    refusal({ instances: [row(1)] }).toThrow(/instances/)
    expect(model.predict(row(1))).toEqual({ value: Math.fround(1e30) })
    model.dispose()
  })
})

describe('a text', () => {
  const feature: FittedTokens = {
    column: 'body',
    encode: 'tokens',
    unit: 'characters',
    vocabulary: ['a', 'b'],
    width: 5,
    context: 4,
  }
  const options = { prompt: 'a', maxTokens: 5, temperature: 1, topP: 1, repetitionPenalty: 1, seed: 1, stop: [] }
  /** Scores of the tokens that follow, by how many were read. */
  const textFrom = (scores: (read: number) => readonly number[]): string => {
    let read = 0
    const reader = () => ({ read: () => Float32Array.from(scores(read++)), dispose: () => {} })
    return [...generate({ reader }, feature, options)].join('')
  }

  test.each([Number.NaN, Infinity, -Infinity])('is not drawn from scores with %d', (bad) => {
    const scores = (read: number) => [0, 0, 1, read < 3 ? 1 : bad]
    expect(() => textFrom(scores)).toThrow(
      expect.objectContaining({ code: 'ANSWER_NOT_FINITE', facts: expect.objectContaining({ what: 'token 3' }) }),
    )
    expect(textFrom(() => [0, 0, 1, 1])).toMatch(/^[ab]{5}$/)
  })
})

test('a batch is looked through by row', () => {
  const name = (r: number) => `row ${r}`
  expect(() => requireFinite(Float32Array.of(1, 2, 3, Number.NaN), 2, name)).toThrow(/^row 1: .*NaN$/)
  expect(() => requireFinite(Float32Array.of(Infinity, -Infinity), 2, name)).toThrow(/^row 0: .*Infinity$/)
  expect(() => requireFinite(new Float32Array(100_000).fill(3.4e38), 1, name)).not.toThrow()
  expect(() => requireFinite(new Float32Array(0), 1, name)).not.toThrow()
})

test('in a stream it is the last line', () => {
  try {
    requireFinite(Float32Array.of(Number.NaN), 1, () => 'token 7')
  } catch (error) {
    const { status, body } = toHttpError(error)
    expect([status, body.code, body.next.length > 0]).toEqual([422, 'ANSWER_NOT_FINITE', true])
  }
  expect.assertions(1)
})

test('nothing of it was unexpected', () => expect(all.hidden).toEqual([]))
