// Slow, silent and many connections: each ends when its time is over, and none stops the others or the end of the server.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Serving } from '../../serving/server.ts'
import { ended, open, trickle } from './raw-http.ts'
import { FLOWER, post, serveAll } from './serve-all.ts'

const RECEIVE_MS = 600
/** looks at the time-out, and a busy machine */
const LATE_MS = 10_000
const HEAD = 'POST /flowers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
const TIMEOUT = 'request: expected all of it within 0.6 s, found it incomplete'

const running: Serving[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const serving of running.splice(0)) await serving.close()
})

async function serve(receiveMs = RECEIVE_MS): Promise<Serving> {
  const { serving } = await serveAll({ receiveMs })
  running.push(serving)
  return serving
}
function held(serving: Serving): Socket {
  const socket = open(serving)
  sockets.push(socket)
  return socket
}

test.each([
  ['a body', `${HEAD}content-length: 1000\r\n\r\n{`, ' '],
  ['a body in chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ['headers', HEAD, 'x-a: b\r\n'],
  ['one header', `${HEAD}x-a: `, 'b'],
  ['no byte', '', ''],
  ['half a request line', 'POST /fl', ''],
])('%s that trickles ends in time', async (_what, start, more) => {
  const answer = await trickle(await serve(), { start, more, everyMs: 20 })
  expect(answer.ms).toBeGreaterThan(RECEIVE_MS * 0.9)
  expect(answer.ms).toBeLessThan(RECEIVE_MS + LATE_MS)
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    408,
    { code: 'REQUEST_TIMEOUT', message: TIMEOUT, next: 'send it faster, or fewer rows at once' },
  ])
})

test('the second request of a connection has the same time', async () => {
  const serving = await serve()
  const socket = held(serving)
  const row = JSON.stringify(FLOWER)
  socket.write(`${HEAD}content-length: ${row.length}\r\n\r\n${row}`)
  const [first] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
  expect(first).toContain('200 OK')
  await new Promise((resolve) => setTimeout(resolve, RECEIVE_MS * 2)) // idle between requests: kept
  socket.write(`${HEAD}content-length: 1000\r\n\r\n{`)
  const [second] = (await once(socket, 'data')) as [string]
  expect(second).toContain('408 Request Timeout')
})

test('an idle connection is kept, but not for ever', async () => {
  const socket = held(await serve())
  socket.resume().write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  const from = performance.now()
  await ended(socket)
  expect(performance.now() - from).toBeGreaterThan(RECEIVE_MS * 2.3)
  expect(performance.now() - from).toBeLessThan(RECEIVE_MS * 2.4 + 1_000 + LATE_MS) // Node adds a second
})

test('late requests are counted', async () => {
  const serving = await serve()
  await trickle(serving, { start: HEAD, more: '', everyMs: 50 })
  const text = await (await fetch(`${serving.url}/metrics`)).text()
  expect(text).toContain('sluice_serve_refused_total{status="408"} 1')
})

test('a thousand open connections stop nobody', async () => {
  const serving = await serve(30_000)
  const starts = ['', HEAD, `${HEAD}content-length: 1000\r\n\r\n{`, `GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`]
  const all = Array.from({ length: 1_000 }, () => held(serving))
  await Promise.all(
    all.map(async (socket, i) => {
      await once(socket, 'connect')
      socket.resume().write(starts[i % starts.length]!)
    }),
  )
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const from = performance.now()
    expect((await post(serving, FLOWER)).status).toBe(200)
    times.push(performance.now() - from)
  }
  expect(times.toSorted((a, b) => a - b)[25]).toBeLessThan(5_000)
})

test('the server closes in spite of those that trickle', async () => {
  const { serving } = await serveAll({ receiveMs: RECEIVE_MS })
  const timers: NodeJS.Timeout[] = []
  for (const [start, more] of [
    [`${HEAD}content-length: 1000\r\n\r\n{`, ' '],
    [HEAD, 'x-a: b\r\n'],
    ['', ''],
  ] as const) {
    const socket = held(serving)
    await once(socket, 'connect')
    socket.write(start)
    timers.push(setInterval(() => socket.write(more), 20))
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  const from = performance.now()
  await serving.close()
  for (const timer of timers) clearInterval(timer)
  expect(performance.now() - from).toBeLessThan(RECEIVE_MS + LATE_MS)
})

test('what has arrived is answered while the server closes', async () => {
  const { serving } = await serveAll({ receiveMs: 200 })
  const asked = fetch(`${serving.url}/tales/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"maxTokens":1000,"stream":true}',
  })
  const response = await asked // its headers; the text goes on
  const closed = serving.close()
  const from = performance.now()
  const lines = (await response.text()).trimEnd().split('\n')
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ done: true, tokens: 1_000 })
  expect(performance.now() - from).toBeGreaterThan(200) // else it had no time in which to be ended
  const ended = performance.now()
  await closed
  expect(performance.now() - ended).toBeLessThan(5_000) // the client would have kept its connection
})
