// Methods, paths, headers and broken HTTP: every refusal is JSON with a code and what to do next.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, exchange, open, type RawAnswer } from './raw-http.ts'
import { type AllServed, FLOWER, post, serveAll } from './serve-all.ts'

let all: AllServed
beforeAll(async () => {
  all = await serveAll()
})
afterAll(() => all?.serving.close())

const ROW = JSON.stringify(FLOWER)
const LENGTH = `content-length: ${ROW.length}\r\n`
const head = (more: string, first = 'POST /flowers HTTP/1.1') =>
  `${first}\r\nhost: x\r\ncontent-type: application/json\r\n${more}\r\n`

interface Refusal {
  readonly code: string
  readonly message: string
  readonly next: string
  readonly field?: string
}
function refusal({ headers, body }: RawAnswer): Refusal {
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  const found = JSON.parse(body) as Refusal
  expect(found).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), next: expect.stringMatching(/\w/) })
  return found
}

describe('another method', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s is named beside what is allowed',
    async (method) => {
      const answer = await exchange(all.serving, head('', `${method} /flowers?petal=2 HTTP/1.1`))
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST, OPTIONS'])
      expect(refusal(answer)).toMatchObject({ code: 'METHOD_NOT_ALLOWED', next: 'POST /flowers' })
    },
  )

  test('of a probe lists its own', async () => {
    const answer = await exchange(all.serving, head(LENGTH, 'POST /healthz HTTP/1.1'), ROW)
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  test('HEAD has no body', async () => {
    const { url } = all.serving
    const refused = await fetch(`${url}/flowers`, { method: 'HEAD' })
    expect([refused.status, refused.headers.get('allow'), await refused.text()]).toEqual([405, 'POST, OPTIONS', ''])
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200)
  })

  test('OPTIONS says what is allowed, to no other site', async () => {
    const headers = { origin: 'http://elsewhere', 'access-control-request-method': 'POST' }
    const answer = await fetch(`${all.serving.url}/tales/generate`, { method: 'OPTIONS', headers })
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a path', () => {
  test.each([
    '/v1/models/flowers:predict',
    '/v2/models/flowers/infer',
    '/invocations',
    '/flowers/',
    '//flowers',
    '/Flowers',
    '/../../etc/passwd',
    `/${'a'.repeat(10_000)}`,
  ])('that is none is a 404: %.40s', async (path) => {
    // before its body is read: that could be anything
    const answer = await exchange(all.serving, head('content-length: 3\r\n', `POST ${path} HTTP/1.1`), '{,}')
    expect(answer.status).toBe(404)
    expect(refusal(answer)).toMatchObject({ code: 'NOT_FOUND', next: expect.stringContaining('POST /flowers') })
    expect(answer.body.length).toBeLessThan(400)
  })

  test('in broken encoding is named', async () => {
    const answer = await exchange(all.serving, head(LENGTH, 'POST /%zz HTTP/1.1'), ROW)
    expect([answer.status, refusal(answer).field]).toEqual([400, 'path'])
  })
})

describe('broken HTTP', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', /Invalid method/],
    ['an unknown method', head('', 'FOO /flowers HTTP/1.1'), /Invalid method/],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /HTTP/],
    ['TLS', Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3]), /found TLS/],
    ['a length that is no number', head('content-length: abc\r\n'), /Content-Length/],
    ['a negative length', head('content-length: -1\r\n'), /Content-Length/],
    ['a length beside chunks', head(`${LENGTH}transfer-encoding: chunked\r\n`), /Transfer-Encoding/],
    ['a chunk without size', `${head('transfer-encoding: chunked\r\n')}zz\r\n`, /chunk size/],
  ])('%s', async (_what, text, message) => {
    const answer = await exchange(all.serving, text)
    expect([answer.status, refusal(answer).code]).toEqual([400, 'REQUEST_INVALID'])
    expect(refusal(answer).message).toMatch(message)
  })

  test('without a host', async () => {
    const answer = await exchange(all.serving, `POST /flowers HTTP/1.1\r\n${LENGTH}\r\n`, ROW)
    expect([answer.status, refusal(answer).field]).toEqual([400, 'host'])
  })

  test('with headers beyond their limit', async () => {
    const answer = await exchange(all.serving, head(`${LENGTH}x-a: ${'a'.repeat(20_000)}\r\n`), ROW)
    expect([answer.status, refusal(answer).field]).toEqual([431, 'headers'])
  })

  test('with an expectation that HTTP does not have', async () => {
    const answer = await exchange(all.serving, head(`${LENGTH}expect: tea\r\n`), ROW)
    expect([answer.status, refusal(answer).field]).toEqual([417, 'expect'])
  })

  test('is counted', async () => {
    const text = await (await fetch(`${all.serving.url}/metrics`)).text()
    for (const status of [400, 417, 431])
      expect(text).toMatch(new RegExp(`sluice_serve_refused_total{status="${status}"} \\d`))
  })
})

describe('a body', () => {
  test.each([
    [
      'in chunks',
      head('transfer-encoding: chunked\r\n'),
      `5\r\n${ROW.slice(0, 5)}\r\n${(ROW.length - 5).toString(16)}\r\n${ROW.slice(5)}\r\n0\r\n\r\n`,
    ],
    ['of HTTP/1.0', `POST /flowers HTTP/1.0\r\ncontent-type: application/json\r\n${LENGTH}\r\n`, ROW],
    ['after an expectation', head(`${LENGTH}expect: 100-continue\r\nconnection: close\r\n`), ROW],
    ['of an upgrade', head(`${LENGTH}connection: upgrade\r\nupgrade: websocket\r\n`), ROW],
  ])('%s is answered', async (_what, start, body) => {
    const { body: answer } = await exchange(all.serving, start, body)
    expect(answer).toContain('"predictions":[{"value":')
  })

  test('in chunks has the same limit', async () => {
    const answer = await exchange(
      all.serving,
      head('transfer-encoding: chunked\r\n'),
      `895440\r\n${' '.repeat(9_000_000)}\r\n0\r\n\r\n`,
    )
    expect([answer.status, refusal(answer).message]).toEqual([413, 'body: expected at most 8388608 bytes, found more'])
  })

  test('that is announced as too long is answered at once, and only once', async () => {
    const socket = open(all.serving)
    let text = ''
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    socket.write(head('content-length: 5000000000\r\n'))
    await expect.poll(() => text).toContain('found 5000000000 bytes')
    socket.end('{')
    await ended(socket)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test('too long reaches a client that sends before it reads', async () => {
    const size = 30_000_000
    const answer = await new Promise<number | string>((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': size }
      const asked = request(`${all.serving.url}/flowers`, { method: 'POST', headers })
      let status: number | undefined
      asked.on('response', (response) => {
        status = response.statusCode
        response.resume()
      })
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'an error'))
      asked.end(Buffer.alloc(size, ' '), () => void setTimeout(() => resolve(status ?? 'no answer'), 100))
    })
    expect(answer).toBe(413)
  })
})

test('an answer under way stays whole', async () => {
  const body = '{"maxTokens":300,"stream":true,"seed":1}'
  const whole = await fetch(`${all.serving.url}/tales/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const socket = open(all.serving)
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => {
    if (text === '') socket.write('garbage\r\n\r\n')
    text += piece
  })
  socket.write(`${head(`content-length: ${body.length}\r\n`, 'POST /tales/generate HTTP/1.1')}${body}`)
  await ended(socket)
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  for (const piece of [text, await whole.text()]) expect(piece).toContain('"done":true')
})

test('an answer that is due comes before the end', async () => {
  for (const start of [head(''), `${head(LENGTH)}${ROW}`]) {
    const answer = await exchange(all.serving, `${start}{"petal":1}`)
    expect(answer.answers).toBe(1)
    expect(answer.body).toMatch(start === head('') ? /expected JSON, found nothing/ : /"predictions"/)
    expect(answer.headers.connection).toBe('close')
  }
})

test('the server goes on and nothing was unexpected', async () => {
  expect((await post(all.serving, FLOWER)).status).toBe(200)
  expect(all.hidden).toEqual([])
})
