// Large objects go in parts: a stub plays the server, so that every answer can be had at every step.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openS3Store, type S3Store } from '../../../lake/store/s3.ts'
import { planParts } from '../../../lake/store/s3-multipart.ts'
import { listen } from '../../setup/listen.ts'

const MIB = 1024 * 1024

type Step = 'head' | 'create' | 'part' | 'complete' | 'abort'
// biome-ignore lint/suspicious/noConfusingVoidType: most answers are given by functions that return nothing
type Reply = 'sound' | void
interface Call {
  readonly step: Step
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly response: ServerResponse
}

let server: Server
let store: S3Store
/** steps in the order in which they arrived, and were answered */
let calls: Step[]
let parts: Map<number, Buffer>
let completed: Call | undefined
/** answers one step in its own way; undefined: as a sound server does */
let special: (call: Call) => Reply | Promise<Reply>

beforeEach(async () => {
  calls = []
  parts = new Map()
  completed = undefined
  special = () => 'sound'
  server = createServer((request, response) => void receive(request, response))
  const endpoint = `http://${await listen(server)}`
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  const place = { endpoint, region: 'us-east-1', bucket: 'lake', ...credentials }
  store = openS3Store(place, { multipartAboveBytes: 5 * MIB, partBytes: 5 * MIB })
})

afterEach(async () => {
  store.close()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks = await request.toArray().catch(() => null)
  if (chunks === null) return // the client gave this part up
  const call = { step: stepOf(request), request, body: Buffer.concat(chunks), response }
  calls.push(call.step)
  if ((await special(call)) === 'sound') sound(call)
}

function stepOf({ method, url = '' }: IncomingMessage): Step {
  if (method === 'HEAD') return 'head'
  if (method === 'PUT') return 'part'
  if (method === 'DELETE') return 'abort'
  return url.includes('uploads') ? 'create' : 'complete'
}

function sound(call: Call): void {
  const { step, request, body, response } = call
  if (step === 'head') response.writeHead(completed === undefined ? 404 : 200).end()
  else if (step === 'create') xml(response, 200, 'InitiateMultipartUploadResult', '<UploadId>u</UploadId>')
  else if (step === 'abort') response.writeHead(204).end()
  else if (step === 'part') {
    const number = Number(new URL(request.url!, 'http://s3').searchParams.get('partNumber'))
    parts.set(number, body)
    response.writeHead(200, { etag: `"tag-${number}"` }).end()
  } else {
    completed = call
    xml(response, 200, 'CompleteMultipartUploadResult', '<ETag>"whole"</ETag>')
  }
}

function xml(response: ServerResponse, status: number, root: string, inner: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><${root}>${inner}</${root}>`)
}

const says = ({ response }: Call, status: number, code: string): void =>
  xml(response, status, 'Error', `<Code>${code}</Code><Message>because</Message>`)

const body = (bytes: number): Uint8Array => new Uint8Array(bytes).map((_, i) => i ^ (i >> 11))
const put = (bytes = 11 * MIB + 3) => store.putIfAbsent('folder/a', body(bytes))

describe('a large object', () => {
  it('arrives in parts, in order, once', async () => {
    expect(await put()).toBe('created')
    expect([...parts.keys()].sort()).toEqual([1, 2, 3])
    expect(Buffer.compare(Buffer.concat([1, 2, 3].map((i) => parts.get(i)!)), body(11 * MIB + 3))).toBe(0)
    expect(completed!.request.headers['if-none-match']).toBe('*')
    const order = [...completed!.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, n]) => n)
    expect(order).toEqual(['1', '2', '3'])
    expect(calls).toEqual(['head', 'create', 'part', 'part', 'part', 'complete'])
  })
  it('is whole in one request below the limit', async () => {
    expect(await put(5 * MIB)).toBe('created')
    expect(calls).toEqual(['head', 'part'])
  })
  it('costs one request when it is there', async () => {
    await put()
    calls.length = 0
    expect(await put()).toBe('exists')
    expect(calls).toEqual(['head'])
  })
  it('sends four parts at a time', async () => {
    let underWay = 0
    let most = 0
    const four: (() => void)[] = []
    special = async (call): Promise<Reply> => {
      if (call.step !== 'part') return 'sound'
      most = Math.max(most, ++underWay)
      // nobody is answered until four are there, so fewer would never end
      if (four.length < 4) await new Promise<void>((go) => four.push(go) === 4 && four.forEach((each) => void each()))
      underWay--
      return 'sound'
    }
    expect(await put(40 * MIB)).toBe('created')
    expect(most).toBe(4)
  })
})

describe('a failed upload', () => {
  it.each(['create', 'part', 'complete'] as const)('is unavailable after 503 at %s', async (step) => {
    special = (call) => (call.step === step ? says(call, 503, 'SlowDown') : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', facts: { key: 'lake/folder/a' } })
    expect(calls.at(-1)).toBe(step === 'create' ? 'create' : 'abort')
  })
  it('is refused without permission', async () => {
    special = (call) => (call.step === 'part' ? says(call, 403, 'AccessDenied') : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
  })
  it('is unavailable after damage on the way', async () => {
    special = (call) => (call.step === 'part' ? says(call, 400, 'XAmzContentSHA256Mismatch') : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
  it('sends no further part, then aborts', async () => {
    special = (call) => (call.step === 'part' ? says(call, 403, 'AccessDenied') : 'sound')
    await expect(store.putIfAbsent('folder/a', new Uint8Array(60 * MIB))).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    })
    expect(calls.filter((step) => step === 'part')).toHaveLength(4)
    expect(calls.filter((step) => step === 'abort')).toHaveLength(1)
    expect(calls.at(-1)).toBe('abort')
  })
  it('keeps its reason when the abort fails too', async () => {
    special = (call) => (call.step === 'part' || call.step === 'abort' ? says(call, 403, 'AccessDenied') : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_REFUSED', facts: { operation: 'PUT' } })
  })
})

describe('an unclear completion', () => {
  it('exists after 412, parts aborted', async () => {
    special = (call) => (call.step === 'complete' ? says(call, 412, 'PreconditionFailed') : 'sound')
    expect(await put()).toBe('exists')
    expect(calls.at(-1)).toBe('abort')
  })
  it('exists when a lost try completed it', async () => {
    special = (call) => {
      if (call.step !== 'complete') return 'sound'
      if (completed !== undefined) return says(call, 404, 'NoSuchUpload')
      completed = call
      call.response.destroy()
    }
    expect(await put()).toBe('exists')
  })
  it('is unavailable when somebody aborted it', async () => {
    special = (call) => (call.step === 'complete' ? says(call, 404, 'NoSuchUpload') : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
  it.each([
    ['a conflict', 409, 'ConditionalRequestConflict'],
    ['an error that says 200', 200, 'InternalError'],
  ])('is unavailable after %s', async (_name, status, code) => {
    special = (call) => (call.step === 'complete' ? says(call, status, code) : 'sound')
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('parts', () => {
  it('tile the object, at most 10,000', () => {
    const sizes = fc.record({ total: fc.integer({ min: 0, max: 2 ** 45 }), part: fc.integer({ min: 1, max: 2 ** 33 }) })
    fc.assert(
      fc.property(sizes, ({ total, part }) => {
        const places = planParts(total, part)
        const isTiled = places.every(({ start, end }, i) => start === (places[i - 1]?.end ?? 0) && end >= start)
        const isFull = places.slice(0, -1).every(({ start, end }) => end - start >= part)
        const found = { isTiled, isFull, end: places.at(-1)!.end, isFew: places.length <= 10_000 }
        expect(found).toEqual({ isTiled: true, isFull: true, end: total, isFew: true })
      }),
      { numRuns: 50 },
    )
  })
})
