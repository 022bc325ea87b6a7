// What S3 answers becomes the right failure: a stub plays the server, so that every answer can be had.
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openS3Store, type S3Options, type S3Store } from '../../../lake/store/s3.ts'
import { listen } from '../../setup/listen.ts'

let server: Server
let address: string
let store: S3Store
let answer: RequestListener
let requests: string[]

beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    request.resume()
    request.on('end', () => answer(request, response))
  })
  address = await listen(server)
  store = openStub({})
})

function openStub(options: S3Options): S3Store {
  const endpoint = `http://${address}`
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  return openS3Store({ endpoint, region: 'us-east-1', bucket: 'lake', ...credentials }, options)
}

afterEach(async () => {
  store.close()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

const says =
  (status: number, code: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>because</Message></Error>`)
  }

const hangsUp: RequestListener = (request) => request.socket.destroy()

const put = () => store.putIfAbsent('folder/a', Buffer.from('x'))

describe('a long write', () => {
  const long = () => store.putIfAbsent('folder/a', Buffer.alloc(2 * 1024 * 1024))
  it('sends nothing to a taken key', async () => {
    answer = (_request, response) => response.end()
    expect(await long()).toBe('exists')
    expect(requests).toEqual(['HEAD /lake/folder/a'])
  })
  it('finds what another wrote meanwhile', async () => {
    let taken = false
    answer = (request, response) => {
      if (request.method === 'HEAD') {
        response.writeHead(taken ? 200 : 404).end()
        return
      }
      taken = true // the server has it from another writer, and hangs up instead of reading on
      request.socket.destroy()
    }
    expect(await long()).toBe('exists')
  })
  it('is unavailable when the key stays free', async () => {
    answer = (request, response) => {
      if (request.method === 'HEAD') response.writeHead(404).end()
      else request.socket.destroy()
    }
    await expect(long()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('a write', () => {
  it.each([
    ['409', says(409, 'ConditionalRequestConflict'), 1],
    ['429', says(429, 'TooManyRequests'), 3],
    ['500', says(500, 'InternalError'), 3],
    ['503', says(503, 'SlowDown'), 3],
    ['a time-out of the server', says(400, 'RequestTimeout'), 3],
    ['a reset', hangsUp, 3],
  ])('is unavailable after %s', async (_name, response, attempts) => {
    answer = response
    const facts = { operation: 'PUT', key: 'lake/folder/a' }
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', facts })
    expect(requests).toEqual(Array.from({ length: attempts }, () => 'PUT /lake/folder/a'))
  })
  it.each([
    ['403', says(403, 'AccessDenied')],
    ['a wrong signature', says(403, 'SignatureDoesNotMatch')],
    ['a missing bucket', says(404, 'NoSuchBucket')],
    ['a redirect', says(301, 'PermanentRedirect')],
    ['a bad request', says(400, 'InvalidArgument')],
  ])('is refused after %s', async (_name, response) => {
    answer = response
    await expect(put()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
    expect(requests).toHaveLength(1)
  })
  it('is unavailable when the answer takes too long', async () => {
    const impatient = openStub({ answerTimeoutMs: 50 })
    answer = () => {} // never
    await expect(impatient.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(requests).toHaveLength(3)
    impatient.close()
  })
  it('exists after 412', async () => {
    answer = says(412, 'PreconditionFailed')
    expect(await put()).toBe('exists')
  })
  it('exists when its own reset try got through', async () => {
    answer = (request, response) =>
      (requests.length === 1 ? hangsUp : says(412, 'PreconditionFailed'))(request, response)
    expect(await put()).toBe('exists')
    expect(requests).toHaveLength(2)
  })
  it('asks for absence and signs its content', async () => {
    answer = (request, response) => {
      expect(request.headers['if-none-match']).toBe('*')
      // sha256("x"), by sha256sum
      const digest = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
      expect(request.headers['x-amz-content-sha256']).toBe(digest)
      response.end()
    }
    expect(await put()).toBe('created')
  })
})

describe('a crowd of requests', () => {
  it('outwaits a slow server without connection time-outs', async () => {
    // the first 64 answers take longer than a connection may: the other requests must not count that wait as theirs
    const patient = openStub({ connectTimeoutMs: 1_000 })
    const slow = new Promise((passed) => setTimeout(passed, 1_500))
    answer = (_request, response) => slow.then(() => response.end())
    const puts = Array.from({ length: 256 }, (_, i) => patient.putIfAbsent(`many/${i}`, Buffer.from('x')))
    expect(new Set(await Promise.all(puts))).toEqual(new Set(['created']))
    patient.close()
  })
})

describe('a read', () => {
  it('finds nothing after 404', async () => {
    answer = says(404, 'NoSuchKey')
    expect(await store.get('a')).toBeUndefined()
  })
  it('is refused after a missing bucket', async () => {
    answer = says(404, 'NoSuchBucket')
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_REFUSED' })
  })
  it('is unavailable when the body breaks off', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half', () => request.socket.destroy())
    }
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', facts: { operation: 'GET' } })
  })
  it('takes bodies of unknown length', async () => {
    answer = (_request, response) => {
      response.writeHead(200)
      response.write('in ')
      response.end('chunks')
    }
    expect(Buffer.from((await store.get('a'))!).toString()).toBe('in chunks')
  })
})

describe('a server that is not there', () => {
  it('is unavailable', async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    await expect(put()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.list('a')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.ensureBucket()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await listen(server)
  })
})
