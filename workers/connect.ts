// The worker's connection to Temporal.
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { temporalConnect } from '../core/temporal-tls.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'
import { refusalOf } from './servers/refusal.ts'

export interface TemporalLink {
  readonly connection: NativeConnection
  readonly client: Client
  close(): Promise<void>
}

/** One that takes connections and answers nothing is given up, and may be tried anew: the client itself has no end. */
const CONNECT_WITHIN_MS = 10_000

/**
 * Throws TEMPORAL_REFUSED for wrong credentials, which no wait cures, and TEMPORAL_UNAVAILABLE, also while the namespace is not known:
 * a server opens its port before it knows them.
 * Later losses of the connection heal by themselves.
 */
export async function connectTemporal(endpoint: Endpoints['temporal']): Promise<TemporalLink> {
  const { address, namespace } = endpoint
  const connecting = openConnection(endpoint)
  try {
    const connection = await withinTime(connecting)
    return { connection, client: new Client({ connection, namespace }), close: () => connection.close() }
  } catch (error) {
    connecting.then((late) => late.close()).catch(() => {})
    const refusal = refusalOf(error)
    if (refusal !== null) throw failure('TEMPORAL_REFUSED', { address, namespace, detail: refusal }, error)
    throw failure('TEMPORAL_UNAVAILABLE', { address, detail: (error as Error).message }, error)
  }
}

async function openConnection(endpoint: Endpoints['temporal']): Promise<NativeConnection> {
  const connection = await NativeConnection.connect(temporalConnect(endpoint))
  try {
    await connection.workflowService.describeNamespace({ namespace: endpoint.namespace })
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function withinTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it takes connections, and does not answer')), CONNECT_WITHIN_MS)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
