// The repairs of kafkajs, against a listening socket: callers that connect at once share an attempt, a hang-up settles it.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { repairKafkajs } from '../../../../stream/kafka/kafkajs/repairs.ts'

interface Connection {
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

const load = createRequire(import.meta.url)
let server: Server
let sockets: Socket[]

beforeEach(async () => {
  repairKafkajs()
  sockets = []
  server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
})

test('two connects at once open one socket', async () => {
  const connection = newConnection()
  await Promise.all([connection.connect(), connection.connect()])
  await connection.connect()
  await connection.disconnect()
  const [socket] = sockets
  if (socket !== undefined && !socket.readableEnded) await once(socket.resume(), 'end')
  expect(sockets).toHaveLength(1)
})

test('a later connect opens another socket', async () => {
  const connection = newConnection()
  await connection.connect()
  await connection.disconnect()
  await connection.connect()
  await connection.disconnect()
  await expect.poll(() => sockets.length).toBe(2)
})

test('closing settles a connect under way', async () => {
  const connection = newConnection()
  const connecting = connection.connect()
  await connection.disconnect()
  // settled either way: connected a moment before, or closed while connecting
  await connecting.catch((error: Error) => expect(error.name).toBe('KafkaJSConnectionClosedError'))
})

function newConnection(): Connection {
  const { createLogger, LEVELS } = load('kafkajs/src/loggers') as {
    createLogger(options: object): unknown
    LEVELS: { NOTHING: number }
  }
  const Connection = load('kafkajs/src/network/connection') as new (options: object) => Connection
  return new Connection({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    logger: createLogger({ level: LEVELS.NOTHING, logCreator: load('kafkajs/src/loggers/console') }),
    socketFactory: (load('kafkajs/src/network/socketFactory') as () => unknown)(),
    connectionTimeout: 3_000,
    requestTimeout: 3_000,
  })
}
