// The text pipelines from events to verdict, in memory; textgen with a smaller model on some of its passages.
import { expect, test } from 'vitest'
import { events as snippets } from '../../pipelines/sentiment/events.ts'
import sentiment from '../../pipelines/sentiment/pipeline.ts'
import { events as mails } from '../../pipelines/spam/events.ts'
import spam from '../../pipelines/spam/pipeline.ts'
import { events as passages } from '../../pipelines/textgen/events.ts'
import { readPassages } from '../../pipelines/textgen/passages.ts'
import textgen from '../../pipelines/textgen/pipeline.ts'
import full from '../../pipelines/textgen-full/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { planShape } from '../../schemas/plan.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

test('textgen learns from a few passages', async () => {
  const model = { kind: 'recurrent', cell: 'gru', units: 48, embedding: 16 } as const
  const small = resolvePipeline({
    ...textgen,
    features: { body: { encode: 'characters', alphabet: 96, context: 24 } },
    train: { ...textgen.train, model, epochs: 2, batch: 32 },
  })
  const run = (count: number, champion?: Awaited<ReturnType<typeof runInMemory>>) =>
    runInMemory({
      plan: small,
      events: passages({ batch: 1, count, seed: 7 }),
      ...(champion && { store: champion.store, champion: champion.model }),
    })
  const first = await run(60)
  expect(first.dataset.accounting.rejectedBy['longer than one window']).toBe(2)
  // a character drawn evenly from the alphabet costs 6.3 bits; by its frequency 4.4
  expect(first.evaluation.metrics.bitsPerCharacter).toBeLessThan(4.4)
  const { loss, perplexity } = first.evaluation.metrics
  expect(perplexity).toBeCloseTo(Math.exp(loss!), 6)
  const second = await run(90, first)
  expect(second.evaluation.champion).toBe(first.model.digest)
  expect(second.evaluation.metrics.bitsPerCharacter).toBeLessThan(second.evaluation.championMetrics!.bitsPerCharacter!)
}, 180_000)

test('passages hold the whole book in order', () => {
  const all = readPassages()
  expect(all.length).toBe(757)
  expect(new Set(all.map(({ id }) => id)).size).toBe(757)
  expect(all[0]!.body).toMatch(/^CHAPTER 1\. Loomings\.\nCall me Ishmael\./)
  expect(all.reduce((sum, { body }) => sum + body.length, 0)).toBeGreaterThan(1_180_000)
  const sent = [1, 2].flatMap((batch) => [...passages({ batch, seed: 1 })])
  expect(sent.length).toBe(757 + 2)
})

test.each([
  ['spam', mails, 3_200],
  ['sentiment', snippets, 9_173],
] as const)('%s sends each row once', (_, events, rows) => {
  const keys = [1, 2].flatMap((batch) => [...events({ batch, seed: 1 })].map(({ key }) => key))
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.length - rows).toBe(events === mails ? 2 : 0)
  expect(() => [...events({ batch: 3, seed: 1 })]).toThrow(/1 or 2/)
})

test('what a token costs is not compared', () => {
  const gates = [{ gate: 'notWorse', metric: 'perplexity', by: 1 }] as const
  expect(() => resolvePipeline({ ...textgen, gates })).toThrow(/gates\[0\]\.metric.*bitsPerCharacter/)
})

test('weights of another vocabulary are no start', () => {
  for (const each of [spam, textgen]) {
    expect(() => resolvePipeline({ ...each, train: { ...each.train, from: 'champion' } })).toThrow(/train\.from/)
  }
})

test('personal text is no feature', () => {
  const columns = { ...spam.columns, text: { kind: 'text', maxBytes: 8_192, personal: 'mask' } } as const
  expect(() => resolvePipeline({ ...spam, rules: {}, columns })).toThrow(/features\.text.*personal with mask/)
})

test.each([spam, sentiment, textgen, full])('$name survives validation', (definition) => {
  const plan = resolvePipeline(definition)
  expect(planShape.read({ what: 'plan', path: '' }, JSON.parse(JSON.stringify(plan)))).toEqual(plan)
})
