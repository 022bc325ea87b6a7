// Does a server take connections? Asked before a client is, which would be silent for long and could not be stopped.
import { connect } from 'node:net'
import type { Endpoints } from '../../schemas/endpoints.ts'

export interface Server {
  readonly name: 'Kafka' | 'S3' | 'Temporal'
  /** as in the settings */
  readonly address: string
  /** where it listens; one of them is enough. None: it is nobody's of the settings, so that it is not asked */
  readonly places: readonly Place[]
}

interface Place {
  readonly host: string
  readonly port: number
}

/** A name server and a handshake take that long at most, unless the network swallows what is sent. */
const ANSWER_WITHIN_MS = 2_000

export type Servers = Readonly<Record<'kafka' | 's3' | 'temporal', Server>>

export function serversOf({ kafka, s3, temporal }: Endpoints): Servers {
  const { brokers } = kafka
  const s3Port = s3.endpoint?.startsWith('http:') ? 80 : 443
  return {
    kafka: { name: 'Kafka', address: brokers.join(', '), places: brokers.map((broker) => placeOf(broker, 9_092)) },
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

/** null: one of its places takes connections; else what was found, e.g. "connect ECONNREFUSED 127.0.0.1:7233". */
export async function whyUnreachable({ places }: Server, signal?: AbortSignal): Promise<string | null> {
  const found = await Promise.all(places.map((place) => whyNoConnection(place, signal)))
  return found.every((why) => why !== null) ? (found[0] ?? null) : null
}

function whyNoConnection({ host, port }: Place, signal?: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const socket = connect({ host, port })
  const end = (found: string | null): void => {
    socket.destroy()
    signal?.removeEventListener('abort', giveUp)
    resolve(found)
  }
  const giveUp = (): void => end('asked to stop')
  signal?.addEventListener('abort', giveUp, { once: true })
  socket.setTimeout(ANSWER_WITHIN_MS, () => end(`no connection within ${ANSWER_WITHIN_MS / 1_000} s`))
  socket.once('connect', () => end(null))
  // several addresses of a name: each with an error of its own
  socket.once('error', (error: AggregateError) => end(error.message || error.errors.map(String).join(', ')))
  return promise
}

/** "host:port", "[::1]:7233", with or without a scheme. */
function placeOf(address: string, defaultPort: number): Place {
  const url = new URL(address.includes('://') ? address : `tcp://${address}`)
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || defaultPort }
}
