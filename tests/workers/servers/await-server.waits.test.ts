// Waiting for a server: what is said, when it ends, and what ends it at once.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Endpoints } from '../../../schemas/endpoints.ts'
import { failure } from '../../../schemas/failures.ts'
import { awaitServer } from '../../../workers/servers/await-server.ts'
import { type Server, serversOf, whyUnreachable } from '../../../workers/servers/reach.ts'

async function listening(port = 0): Promise<{ server: NetServer; port: number }> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

async function freePort(): Promise<number> {
  const { server, port } = await listening()
  await new Promise((closed) => server.close(closed))
  return port
}

const at = (port: number): Server => ({
  name: 'Temporal',
  address: `127.0.0.1:${port}`,
  places: [{ host: '127.0.0.1', port }],
})

function waiting() {
  const lines: string[] = []
  const stop = new AbortController()
  return { lines, stop, options: { signal: stop.signal, say: (line: string) => void lines.push(line) } }
}

test('a server that comes later is waited for, and both are said', async () => {
  const port = await freePort()
  const { lines, options } = waiting()
  const connected = awaitServer(at(port), async () => 'connected', options)
  await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(2)
  expect(lines[0]).toMatch(
    new RegExp(`^waits for Temporal at 127\\.0\\.0\\.1:${port} since 20\\d\\d-.*Z: connect ECONNREFUSED`),
  )
  expect(lines[1]).toContain('next: start it')
  const { server } = await listening(port)
  expect(await connected).toBe('connected')
  expect(lines.slice(2)).toEqual([expect.stringMatching(/^Temporal at .* is there after \d+ s$/)])
  server.close()
})

test('one that takes connections and does not work yet is waited for too', async () => {
  const { server, port } = await listening()
  const { lines, options } = waiting()
  let tries = 0
  const connect = async (): Promise<number> => {
    if (++tries === 1) throw failure('TEMPORAL_UNAVAILABLE', { address: 'a', detail: 'no namespace' })
    return tries
  }
  expect(await awaitServer(at(port), connect, options)).toBe(2)
  expect(lines[0]).toContain('no namespace')
  server.close()
})

test('the same is not said again and again', async () => {
  const { lines, stop, options } = waiting()
  const connected = awaitServer(at(await freePort()), async () => {}, options)
  setTimeout(() => stop.abort(new Error('stop')), 2_500)
  await expect(connected).rejects.toThrow('stop')
  expect(lines).toHaveLength(2)
})

test('a stop ends the wait at once, whatever the client is at', async () => {
  const { server, port } = await listening()
  const { stop, options } = waiting()
  const connected = awaitServer(at(port), () => new Promise(() => {}), options)
  const startedMs = performance.now()
  setTimeout(() => stop.abort(new Error('stop')), 100)
  await expect(connected).rejects.toThrow('stop')
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  server.close()
})

test.each([failure('STORE_REFUSED', { operation: 'PUT', key: 'k', detail: 'no' }), new TypeError('x is no function')])(
  'what no wait cures is thrown: %s',
  async (error) => {
    const { server, port } = await listening()
    await expect(awaitServer(at(port), () => Promise.reject(error), waiting().options)).rejects.toBe(error)
    server.close()
  },
)

test('silence is said too', async () => {
  const { server, port } = await listening()
  const { lines, stop, options } = waiting()
  const connected = awaitServer(at(port), () => new Promise(() => {}), options)
  await expect.poll(() => lines[0] ?? '', { timeout: 6_000 }).toContain('it takes connections, and does not answer')
  stop.abort(new Error('stop'))
  await expect(connected).rejects.toThrow('stop')
  server.close()
})

test('without somebody to tell nothing is waited for', async () => {
  const signal = new AbortController().signal
  const away = failure('TEMPORAL_UNAVAILABLE', { address: 'a', detail: 'd' })
  await expect(awaitServer(at(1), () => Promise.reject(away), { signal, say: undefined })).rejects.toBe(away)
})

const s3 = { region: 'r', bucket: 'b', accessKeyId: 'a', secretAccessKey: 's' }
const endpoints = (changes: Partial<Endpoints>): Endpoints => ({
  kafka: { brokers: ['a:1', '[::1]:2'] },
  s3: { ...s3, endpoint: undefined },
  temporal: { address: 'temporal', namespace: 'n', uiUrl: 'u' },
  ...changes,
})

test('addresses are read as the clients read them', () => {
  const { kafka, temporal } = serversOf(endpoints({}))
  expect(kafka.places).toEqual([
    { host: 'a', port: 1 },
    { host: '::1', port: 2 },
  ])
  expect(temporal.places).toEqual([{ host: 'temporal', port: 7233 }])
  const placesOf = (endpoint: string) => serversOf(endpoints({ s3: { ...s3, endpoint } })).s3.places
  expect(placesOf('https://s3.example')).toEqual([{ host: 's3.example', port: 443 }])
  expect(placesOf('http://s3.example')).toEqual([{ host: 's3.example', port: 80 }])
  expect(placesOf('http://127.0.0.1:9000/')).toEqual([{ host: '127.0.0.1', port: 9000 }])
})

test('one broker of several is enough, and a service without an address is not asked', async () => {
  const { server, port } = await listening()
  const { kafka, s3: aws } = serversOf(endpoints({ kafka: { brokers: ['127.0.0.1:1', `127.0.0.1:${port}`] } }))
  expect(await whyUnreachable(kafka)).toBeNull()
  expect(await whyUnreachable(aws)).toBeNull()
  expect(await whyUnreachable({ ...kafka, places: kafka.places.slice(0, 1) })).toContain('ECONNREFUSED')
  server.close()
})

test.each([undefined, { tls: {} }])('a broker that takes connections and is silent is named', async (security) => {
  const held: Socket[] = []
  const server = createServer((socket) => void held.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`]
  const { kafka } = serversOf(endpoints({ kafka: { brokers, ...(security && { security }) } }))
  const startedMs = performance.now()
  expect(await whyUnreachable(kafka)).toBe('it takes connections and answers nothing within 1 s')
  expect(performance.now() - startedMs).toBeLessThan(2_500)
  for (const socket of held) socket.destroy()
  server.close()
})

test('a broker that answers is there', async () => {
  const server = createServer((socket) => {
    socket.once('data', (asked) => {
      expect(asked.readInt32BE(0)).toBe(asked.length - 4)
      socket.write('x')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`]
  expect(await whyUnreachable(serversOf(endpoints({ kafka: { brokers } })).kafka)).toBeNull()
  server.close()
})
