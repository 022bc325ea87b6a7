// A rollback under load: every request is answered, each answer names its model, and the model before is back within seconds.
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import { type Serving, startServing } from '../../serving/server.ts'
import { recordRollback } from '../../stages/promote/roll-back.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'

const POLL_MS = 100
let serving: Serving
afterEach(async () => await serving.close())

interface Answer {
  readonly status: number
  readonly model: string
  readonly values: string
}

test('under load no request fails, and answers are those of the model they name', { timeout: 60_000 }, async () => {
  const store = memoryStore()
  const events: string[] = []
  const models: string[] = []
  for (const seed of [1, 2]) {
    const digest = await storeModel({ store, seed })
    await promoteFlowers(store, digest)
    models.push(digest)
  }
  const [before, bad] = models as [string, string]
  serving = await startServing({
    store,
    plans: [PLAN],
    port: 0,
    pollMs: POLL_MS,
    backend: 'cpu',
    onEvent: ({ kind, detail }) => events.push(`${kind} ${detail}`),
  })
  const rows = Array.from({ length: 50 }, (_, i) => ({ petal: i, soil: 'loam' }))
  const answers: Answer[] = []
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      const response = await fetch(`${serving.url}/flowers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rows }),
      })
      const { model, predictions } = (await response.json()) as { model: string; predictions: unknown }
      answers.push({ status: response.status, model, values: JSON.stringify(predictions) })
    }
  }
  const clients = Array.from({ length: 4 }, client)
  await expect.poll(() => answers.length).toBeGreaterThan(20)
  expect(answers.at(-1)?.model).toBe(bad)
  const at = new Date().toISOString()
  const decision = { by: 'ada', reason: 'bad answers', at, commitId: 'rollback' }
  await recordRollback(store, { pipeline: PLAN.name, model: before, replaces: bad, ...decision })
  const recordedMs = performance.now()
  await expect.poll(() => answers.at(-1)?.model, { timeout: 5_000, interval: 5 }).toBe(before)
  const tookMs = performance.now() - recordedMs
  await delay(3 * POLL_MS)
  isOver = true
  await Promise.all(clients)

  expect(tookMs).toBeLessThan(3_000)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const values = new Map(models.map((model) => [model, new Set<string>()]))
  for (const { model, values: found } of answers) values.get(model)!.add(found)
  expect([...values.values()].map(({ size }) => size)).toEqual([1, 1])
  expect(values.get(before)).not.toEqual(values.get(bad))
  expect(events.at(-1)).toContain(`loaded replaces ${bad}; rolled back from ${bad.slice(0, 12)} by ada: bad answers`)
})

test('metrics and the list of models name it', async () => {
  const store = memoryStore()
  const [before, bad] = [await storeModel({ store, seed: 1 }), await storeModel({ store, seed: 2 })]
  for (const model of [before, bad]) await promoteFlowers(store, model)
  serving = await startServing({ store, plans: [PLAN], port: 0, pollMs: 3_600_000, backend: 'cpu' })
  const gauge = async () => {
    const text = await (await fetch(`${serving.url}/metrics`)).text()
    return /^sluice_serve_rolled_back.* (\d)$/m.exec(text)?.[1]
  }
  expect(await gauge()).toBe('0')
  const decision = { by: 'ada', reason: 'bad answers', at: new Date().toISOString(), commitId: 'rollback' }
  await recordRollback(store, { pipeline: PLAN.name, model: before, replaces: bad, ...decision })
  await serving.refresh()
  expect(await gauge()).toBe('1')
  expect(await (await fetch(`${serving.url}/models`)).json()).toMatchObject({
    models: [{ model: before, rollback: `rolled back from ${bad.slice(0, 12)} by ada: bad answers` }],
  })
})
