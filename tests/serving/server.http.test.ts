// The server as a client meets it: answers, refusals, reload under load, authentication, probes.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import { type Serving, type StartServing, startServing } from '../../serving/server.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'

const ROW = { petal: 2, soil: 'loam' }
let store: Store
const open: Serving[] = []

beforeEach(() => {
  store = memoryStore()
})
afterEach(async () => {
  for (const serving of open.splice(0)) await serving.close()
})

async function serve(options: Partial<StartServing> = {}): Promise<Serving> {
  // looks only when the test says so
  const serving = await startServing({ store, plans: [PLAN], port: 0, pollMs: 3_600_000, backend: 'cpu', ...options })
  open.push(serving)
  return serving
}

async function promote(seed: number): Promise<string> {
  const digest = await storeModel({ store, seed })
  await promoteFlowers(store, digest)
  return digest
}

const post = (serving: Serving, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${serving.url}/flowers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

interface Body {
  readonly model: string
  readonly predictions: readonly unknown[]
  readonly next: string
}
const read = async (response: Response): Promise<Body> => (await response.json()) as Body

describe('predictions', () => {
  test('one row gets one answer', async () => {
    const model = await promote(1)
    const response = await post(await serve(), ROW)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      pipeline: 'flowers',
      model,
      predictions: [{ value: expect.any(String), probabilities: expect.any(Object) }],
    })
  })

  test('many rows answer in order', async () => {
    await promote(1)
    const serving = await serve()
    const rows = [ROW, { petal: 40, soil: 'sand' }]
    const { predictions } = await read(await post(serving, { rows }))
    const single = await Promise.all(rows.map(async (row) => (await read(await post(serving, row))).predictions[0]))
    expect(predictions).toEqual(single)
  })

  test.each([
    ['a wrong value', { petal: 'wide', soil: 'loam' }, 'petal'],
    ['a value out of range', { petal: 99, soil: 'loam' }, 'petal'],
    ['an unknown category', { petal: 1, soil: 'moon' }, 'soil'],
    ['a misspelt field', { pettal: 1, soil: 'loam' }, 'pettal'],
    ['a wrong row of many', { rows: [ROW, { petal: -1, soil: 'loam' }] }, 'rows[1].petal'],
    ['a row that is no object', { rows: [ROW, 7] }, 'rows[1]'],
    ['no rows', { rows: [] }, 'rows'],
    ['rows that are no list', { rows: {} }, 'rows'],
    ['a list', [ROW], 'body'],
    ['null', 'null', 'body'],
    ['no JSON', '{"petal": ', 'body'],
    ['nothing', '', 'body'],
    ['a poisoned prototype', '{"petal": 1, "__proto__": {"soil": "loam"}}', 'body'],
  ])('%s is a 400 that names it', async (_what, body, field) => {
    await promote(1)
    const response = await post(await serve(), body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      field,
      expected: expect.any(String),
      found: expect.any(String),
      next: expect.any(String),
    })
  })

  test('too many rows are refused', async () => {
    await promote(1)
    const serving = await serve()
    const statusOf = async (rows: number) =>
      (await post(serving, { rows: Array.from({ length: rows }, () => ROW) })).status
    expect([await statusOf(1_000), await statusOf(1_001), await statusOf(0)]).toEqual([200, 400, 400])
  })

  test('a huge body is a 413', async () => {
    await promote(1)
    const response = await post(await serve(), JSON.stringify({ petal: 1, soil: 'x'.repeat(9_000_000) }))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID' })
  })

  test('another content type is a 415', async () => {
    await promote(1)
    expect((await post(await serve(), ROW, { 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('no champion is a 503 with a next step', async () => {
    const response = await post(await serve(), ROW)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'NO_CHAMPION', next: expect.stringContaining('sluice run') })
  })
})

describe('reload', () => {
  test('no request fails while models change', async () => {
    let live = await promote(1)
    const serving = await serve({ pollMs: 5 })
    const answers: { status: number; model: string }[] = []
    let stop = false
    const client = async () => {
      while (!stop) {
        const response = await post(serving, { rows: Array.from({ length: 50 }, () => ROW) })
        answers.push({ status: response.status, model: (await read(response)).model })
      }
    }
    const clients = Array.from({ length: 4 }, client)
    for (const seed of [1, 2, 3, 4]) {
      if (seed > 1) live = await promote(seed)
      await expect.poll(() => answers.at(-1)?.model, { timeout: 10_000 }).toBe(live)
    }
    stop = true
    await Promise.all(clients)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ model }) => model)).size).toBe(4)
  })

  test('a spoilt champion does not go live', async () => {
    const good = await promote(1)
    const events: string[] = []
    const serving = await serve({ onEvent: ({ kind }) => events.push(kind) })
    const spoilt = await storeModel({ store, seed: 2, spoil: (golden) => ({ ...golden, tolerance: -1 }) })
    await promoteFlowers(store, spoilt)
    await serving.refresh()
    expect((await read(await post(serving, ROW))).model).toBe(good)
    expect(events).toEqual(['loaded', 'refused'])
    expect((await fetch(`${serving.url}/readyz`)).status).toBe(503)
  })
})

describe('probes', () => {
  test('readiness follows the champion', async () => {
    const serving = await serve()
    expect((await fetch(`${serving.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${serving.url}/readyz`)).status).toBe(503)
    const model = await promote(1)
    await serving.refresh()
    const ready = await fetch(`${serving.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', models: { flowers: model } }])
    expect(await (await fetch(`${serving.url}/models`)).json()).toEqual({
      models: [{ pipeline: 'flowers', path: '/flowers', model }],
    })
  })

  test('metrics count requests and rows', async () => {
    const model = await promote(1)
    const serving = await serve()
    await post(serving, { rows: [ROW, ROW] })
    await post(serving, { petal: 'x' })
    const text = await (await fetch(`${serving.url}/metrics`)).text()
    expect(text).toContain('sluice_serve_requests_total{pipeline="flowers",status="200"} 1')
    expect(text).toContain('sluice_serve_requests_total{pipeline="flowers",status="400"} 1')
    expect(text).toContain('sluice_serve_predictions_total{pipeline="flowers"} 2')
    expect(text).toContain('sluice_serve_seconds_count{pipeline="flowers"} 2')
    expect(text).toContain('sluice_serve_seconds_bucket{pipeline="flowers",le="+Inf"} 2')
    expect(text).toContain(`sluice_serve_model_info{pipeline="flowers",model="${model}"} 1`)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|\w+(\{.*\})? [\d.e+-]+)$/)
  })

  test('an unknown path lists the known', async () => {
    const response = await fetch(`${(await serve()).url}/nowhere`)
    expect(response.status).toBe(404)
    expect((await read(response)).next).toContain('POST /flowers')
  })
})

describe('safety', () => {
  const token = 'a-long-enough-token'

  test('a token is asked of all but probes', async () => {
    await promote(1)
    const serving = await serve({ token })
    expect((await post(serving, ROW)).status).toBe(401)
    expect((await post(serving, ROW, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post(serving, ROW, { authorization: `Bearer ${token}` })).status).toBe(200)
    for (const path of ['/metrics', '/models', '/nowhere']) {
      expect((await fetch(`${serving.url}${path}`)).status).toBe(401)
    }
    expect((await fetch(`${serving.url}/readyz`)).status).toBe(200)
  })

  test.each(['0.0.0.0', '::', '192.168.1.10', 'example.com'])('%s needs a token', async (host) => {
    await expect(serve({ host })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('paths of the server are not for pipelines', async () => {
    const plans = [{ ...PLAN, serve: { path: '/metrics' } }]
    await expect(serve({ plans })).rejects.toMatchObject({ code: 'PIPELINE_INVALID' })
    await expect(serve({ plans: [PLAN, PLAN] })).rejects.toMatchObject({ code: 'PIPELINE_INVALID' })
  })

  test('a taken port is named', async () => {
    const port = Number(new URL((await serve()).url).port)
    await expect(serve({ port })).rejects.toMatchObject({ code: 'PORT_TAKEN', facts: { port } })
  })

  test('what fails inside stays inside', async () => {
    const digest = await promote(1)
    const errors: unknown[] = []
    const serving = await serve({ onError: (error) => errors.push(error) })
    const broken = { ...PLAN, columns: null } as never
    const other = await serve({ plans: [broken], onError: (error) => errors.push(error) })
    expect((await post(serving, ROW)).status).toBe(200)
    const response = await post(other, ROW)
    const text = await response.text()
    expect(response.status).toBeGreaterThanOrEqual(500)
    expect(text).not.toContain(digest)
    expect(text).not.toContain('.ts')
  })
})
