// A connection to Temporal that leaves no call behind when it is closed, and whose troubles are the catalogue's.
import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
  NamespaceNotFoundError,
} from '@temporalio/client'
import { temporalConnect } from '../core/temporal-tls.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { temporalOf, whyUnreachable } from '../workers/servers/reach.ts'
import { refusalOf } from '../workers/servers/refusal.ts'

/** A server that is there answers sooner, and a person should not wait longer to learn that none is. */
const CONNECT_WITHIN_MS = 3_000

// of gRPC's status codes
const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5
const UNAVAILABLE = 14

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number]

export interface TemporalConnection {
  readonly client: Client
  close(): Promise<void>
}

/** Throws TEMPORAL_UNAVAILABLE, and TEMPORAL_REFUSED for wrong credentials. */
export async function openTemporal(endpoint: Endpoints['temporal']): Promise<TemporalConnection> {
  const { address, namespace } = endpoint
  const gate = callGate()
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), gate.interceptor]
  const connection = await Connection.connect({
    ...temporalConnect(endpoint),
    connectTimeout: CONNECT_WITHIN_MS,
    interceptors,
  }).catch(async (error: Error) => {
    gate.close()
    const refusal = refusalOf(error)
    if (refusal !== null) throw failure('TEMPORAL_REFUSED', { address, namespace, detail: refusal }, error)
    // the client says "before the deadline" alone, whatever it met
    const detail = (await whyUnreachable(temporalOf(endpoint))) ?? `it takes connections: ${error.message}`
    throw failure('TEMPORAL_UNAVAILABLE', { address, detail }, error)
  })
  return {
    client: new Client({ connection, namespace }),
    close() {
      gate.close()
      return connection.close()
    },
  }
}

/**
 * The client tries calls again after a while; one whose turn comes when the channel is closed would throw "Channel has been shut down"
 * out of a timer, where nobody can catch it, and end the process. Behind a closed gate such a call does nothing, for ever.
 */
function callGate(): { readonly interceptor: Interceptor; close(): void } {
  let isClosed = false
  const silent = {
    start() {},
    sendMessage() {},
    sendMessageWithContext() {},
    halfClose() {},
    startRead() {},
    cancelWithStatus() {},
    getPeer: () => '',
    getAuthContext: () => null,
  } as unknown as ReturnType<Interceptor>
  return {
    interceptor: (options, nextCall) => (isClosed ? silent : (nextCall(options) as ReturnType<Interceptor>)),
    close() {
      isClosed = true
    },
  }
}

/** TEMPORAL_UNAVAILABLE or TEMPORAL_REFUSED for what a call to the server met; any other error as it is. */
export function temporalFailure(error: unknown, { address, namespace }: Endpoints['temporal']): unknown {
  if (isFailure(error)) return error // said already, though a status may be its cause
  if (isUnavailable(error)) return failure('TEMPORAL_UNAVAILABLE', { address, detail: statusOf(error)?.details }, error)
  const detail = missingNamespace(error) ?? refusalOf(error)
  return detail === null ? error : failure('TEMPORAL_REFUSED', { address, namespace, detail }, error)
}

/** The high-level client has an error of its own for it; a bare call has the status alone, which a workflow not found shares. */
function missingNamespace(error: unknown): string | null {
  if (error instanceof NamespaceNotFoundError) return 'there is no such namespace'
  const status = statusOf(error)
  return status?.code === NOT_FOUND && status.details.startsWith('Namespace ') ? status.details : null
}

/** The server did not answer: it may do so later. */
export function isUnavailable(error: unknown): boolean {
  const code = statusOf(error)?.code
  return code === UNAVAILABLE || code === DEADLINE_EXCEEDED
}

/** gRPC's status inside the client's layers. */
function statusOf(error: unknown): { readonly code: number; readonly details: string } | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isGrpcServiceError(cause)) return cause
  return null
}
