// Does a server take connections? Asked before a client is, which would be silent for long and could not be stopped.
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Endpoints } from '../../schemas/endpoints.ts'

export interface Server {
  readonly name: 'Kafka' | 'S3' | 'Temporal'
  /** as in the settings */
  readonly address: string
  /** where it listens; one of them is enough. None: it is nobody's of the settings, so that it is not asked */
  readonly places: readonly Place[]
  /** what is said to it once it takes the connection, and must be answered: one that was stopped still takes connections */
  readonly greeting?: 'kafka' | 'tls'
}

interface Place {
  readonly host: string
  readonly port: number
}

/** A name server and a handshake take that long at most, unless the network swallows what is sent. */
const ANSWER_WITHIN_MS = 2_000
/** A broker answers which versions it speaks in milliseconds, whoever asks. */
const GREETED_WITHIN_MS = 1_000

/** How `whyUnreachable` begins for a server that takes connections and is silent. */
export const SILENT = 'it takes connections and answers nothing'

export type Servers = Readonly<Record<'kafka' | 's3' | 'temporal', Server>>

export function serversOf({ kafka, s3, temporal }: Endpoints): Servers {
  const { brokers } = kafka
  const s3Port = s3.endpoint?.startsWith('http:') ? 80 : 443
  return {
    kafka: {
      name: 'Kafka',
      address: brokers.join(', '),
      places: brokers.map((broker) => placeOf(broker, 9_092)),
      greeting: kafka.security?.tls ? 'tls' : 'kafka',
    },
    s3: {
      name: 'S3',
      address: s3.endpoint ?? `of AWS, ${s3.region}`,
      places: s3.endpoint === undefined ? [] : [placeOf(s3.endpoint, s3Port)],
    },
    temporal: temporalOf(temporal),
  }
}

export function temporalOf({ address }: Endpoints['temporal']): Server {
  return { name: 'Temporal', address, places: [placeOf(address, 7_233)] }
}

/** null: one of its places is there; else what was found, e.g. "connect ECONNREFUSED 127.0.0.1:7233". */
export async function whyUnreachable({ places, greeting }: Server, signal?: AbortSignal): Promise<string | null> {
  const found = await Promise.all(places.map((place) => whyNoAnswer(place, greeting, signal)))
  return found.every((why) => why !== null) ? (found[0] ?? null) : null
}

function whyNoAnswer(
  { host, port }: Place,
  greeting: Server['greeting'],
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const socket = connect({ host, port })
  let isConnected = false
  const end = (found: string | null): void => {
    socket.destroy()
    signal?.removeEventListener('abort', giveUp)
    resolve(found)
  }
  const giveUp = (): void => end('asked to stop')
  signal?.addEventListener('abort', giveUp, { once: true })
  socket.setTimeout(ANSWER_WITHIN_MS)
  socket.once('timeout', () => {
    if (isConnected) end(`${SILENT} within ${GREETED_WITHIN_MS / 1_000} s`)
    else end(`no connection within ${ANSWER_WITHIN_MS / 1_000} s`)
  })
  socket.once('connect', () => {
    if (greeting === undefined) return end(null)
    isConnected = true
    socket.setTimeout(GREETED_WITHIN_MS)
    if (greeting === 'kafka') socket.write(API_VERSIONS_REQUEST)
    // whether the certificate fits is its client's to say
    else connectTls({ socket, rejectUnauthorized: false }).on('error', () => end(null))
  })
  // a refusal is an answer
  socket.once('data', () => end(null)).once('close', () => end(isConnected ? null : 'the connection was closed'))
  // several addresses of a name: each with an error of its own
  socket.once('error', (error: AggregateError) =>
    end(isConnected ? null : error.message || error.errors.map(String).join(', ')),
  )
  return promise
}

/** Kafka's ApiVersions, version 0, with no client id: size, key 18, version 0, correlation 1, null. */
const API_VERSIONS_REQUEST = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])

/** "host:port", "[::1]:7233", with or without a scheme. */
function placeOf(address: string, defaultPort: number): Place {
  const url = new URL(address.includes('://') ? address : `tcp://${address}`)
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || defaultPort }
}
