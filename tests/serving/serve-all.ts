// One server for a table of requests: flowers, prices and tales, each with a small real model.
import { memoryStore } from '../../lake/store/memory.ts'
import { type Serving, type StartServing, startServing } from '../../serving/server.ts'
import { PRICE_PLAN, promotePriceModel } from './price-model.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'
import { promoteTextModel, TEXT_PLAN } from './small-text-model.ts'

export const FLOWER = { petal: 2, soil: 'loam' }

export interface AllServed {
  readonly serving: Serving
  /** what the server did not tell its clients */
  readonly hidden: readonly unknown[]
}

export async function serveAll(options: Partial<StartServing> = {}): Promise<AllServed> {
  const store = memoryStore()
  await promoteFlowers(store, await storeModel({ store, seed: 1 }))
  await promotePriceModel(store)
  await promoteTextModel(store, 1)
  const hidden: unknown[] = []
  const serving = await startServing({
    store,
    plans: [PLAN, PRICE_PLAN, TEXT_PLAN],
    port: 0,
    pollMs: 3_600_000,
    backend: 'cpu',
    onError: (error) => hidden.push(error),
    ...options,
  })
  return { serving, hidden }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** Posts a body as it is, an object as JSON. */
export async function post(
  { url }: Serving,
  body: unknown,
  { path = '/flowers', headers = {} }: { readonly path?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}
