// Generating text as a client meets it: answers, streams, refusals, limits.
import { type ClientRequest, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import { type Serving, startServing } from '../../serving/server.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'
import { promoteTextModel, TEXT_PLAN } from './small-text-model.ts'

let serving: Serving
let model: string

beforeAll(async () => {
  const store = memoryStore()
  model = await promoteTextModel(store, 1)
  await promoteFlowers(store, await storeModel({ store, seed: 1 }))
  serving = await startServing({ store, plans: [TEXT_PLAN, PLAN], port: 0, pollMs: 3_600_000, backend: 'cpu' })
})
afterAll(() => serving?.close())

const post = (body: unknown, { path = '/tales/generate', accept = '*/*' } = {}) =>
  fetch(serving.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  })
/** A long stream whose first piece has arrived. */
function openStream(): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request(`${serving.url}/tales/generate`, { method: 'POST', headers })
    asked.on('response', (response) => response.once('data', () => resolve(asked)))
    asked.on('error', reject) // after the first piece nobody listens any more
    asked.end(JSON.stringify({ maxTokens: 4_096, stream: true }))
  })
}
const answer = async (body: unknown): Promise<Record<string, unknown>> =>
  (await (await post(body)).json()) as Record<string, unknown>

describe('an answer', () => {
  test('goes on with the prompt and names its seed', async () => {
    const found = await answer({ prompt: 'a b', maxTokens: 20, seed: 7 })
    expect(found).toEqual({
      pipeline: 'tales',
      model,
      tokens: 20,
      finish: 'length',
      seed: 7,
      text: expect.stringMatching(/^[abc .]{20}$/),
    })
    expect(await answer({ prompt: 'a b', maxTokens: 20, seed: 7 })).toEqual(found)
    expect((await answer({ prompt: 'a b', maxTokens: 20, seed: 8 })).text).not.toBe(found.text)
  })
  test('with a seed of its own can be repeated', async () => {
    const first = await answer({ maxTokens: 30 })
    expect(await answer({ maxTokens: 30, seed: first.seed })).toEqual(first)
  })
  test('ends before a stop text', async () => {
    const whole = (await answer({ maxTokens: 60, seed: 3 })).text as string
    const stop = whole.slice(20, 22)
    const cut = await answer({ maxTokens: 60, seed: 3, stop })
    expect(cut).toMatchObject({ text: whole.slice(0, whole.indexOf(stop)), finish: 'stop' })
  })
})

describe('a stream', () => {
  test('of lines holds the same text', async () => {
    const whole = await answer({ maxTokens: 12, seed: 5 })
    const response = await post({ maxTokens: 12, seed: 5, stream: true })
    expect(response.headers.get('content-type')).toContain('application/x-ndjson')
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { text?: string })
    const { text, ...rest } = whole
    expect(
      lines
        .slice(0, -1)
        .map((line) => line.text)
        .join(''),
    ).toBe(text)
    expect(lines.length).toBe(13)
    expect(lines.at(-1)).toEqual({ done: true, ...rest })
  })
  test('of events is one where they are accepted', async () => {
    const response = await post({ maxTokens: 3, seed: 5, stream: true }, { accept: 'text/event-stream' })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = (await response.text()).trimEnd().split('\n\n')
    expect(events.every((event) => event.startsWith('data: {'))).toBe(true)
    expect(events.length).toBe(4)
  })
})

describe('a refusal', () => {
  test.each([
    ['maxTokens', { maxTokens: 4_097 }],
    ['maxTokens', { maxTokens: 1.5 }],
    ['temperature', { temperature: -1 }],
    ['temperature', { temperature: 'hot' }],
    ['topK', { topK: 0 }],
    ['topP', { topP: 0 }],
    ['topP', { topP: 1.1 }],
    ['repetitionPenalty', { repetitionPenalty: 0.5 }],
    ['seed', { seed: 2 ** 32 }],
    ['stop[1]', { stop: ['a', ''] }],
    ['stop', { stop: new Array(9).fill('a') }],
    ['prompt', { prompt: 7 }],
    ['prompt', { prompt: 'a'.repeat(65_537) }],
    ['stream', { stream: 'yes' }],
    ['temprature', { temprature: 1 }],
    ['body', ['a']],
  ])('names %s', async (field, body) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID', field })
  })
  test('meets pipelines that predict no text', async () => {
    expect((await post({}, { path: '/flowers/generate' })).status).toBe(404)
  })
  test('meets too many at once', async () => {
    const streams = await Promise.all(Array.from({ length: 4 }, openStream))
    const refused = await post({ maxTokens: 1 })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'SERVER_BUSY' })
    for (const stream of streams) stream.destroy()
    await expect.poll(async () => (await post({ maxTokens: 1 })).status).toBe(200)
  })
})

test('a client that leaves frees its place', async () => {
  for (let leaving = 0; leaving < 6; leaving++) (await openStream()).destroy()
  await expect.poll(async () => (await post({ maxTokens: 1 })).status).toBe(200)
})

test('no other pipeline takes its path', async () => {
  const other = { ...PLAN, serve: { path: '/tales/generate' } } as typeof PLAN
  const both = startServing({ store: memoryStore(), plans: [TEXT_PLAN, other], port: 0, backend: 'cpu' })
  await expect(both).rejects.toThrow(/tales\/generate, which pipeline tales has/)
})

test('the next tokens can be asked for', async () => {
  const response = await post({ body: 'a b' }, { path: '/tales' })
  const { predictions } = (await response.json()) as { predictions: { value: string; next: Record<string, number> }[] }
  const { value, next } = predictions[0]!
  expect(Object.keys(next)[0]).toBe(value)
  expect(Object.keys(next).sort()).toEqual([' ', '.', 'a', 'b', 'c'])
  const shares = Object.values(next)
  expect(shares).toEqual([...shares].sort((a, b) => b - a))
})
