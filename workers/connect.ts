// The worker's connection to Temporal.
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { temporalConnect } from '../core/temporal-tls.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure } from '../schemas/failures.ts'

export interface TemporalLink {
  readonly connection: NativeConnection
  readonly client: Client
  close(): Promise<void>
}

/**
 * Throws TEMPORAL_UNAVAILABLE, also while the namespace is not known: a server opens its port before it knows them.
 * Later losses of the connection heal by themselves.
 */
export async function connectTemporal(endpoint: Endpoints['temporal']): Promise<TemporalLink> {
  const { address, namespace } = endpoint
  let connection: NativeConnection | undefined
  try {
    connection = await NativeConnection.connect(temporalConnect(endpoint))
    await connection.workflowService.describeNamespace({ namespace })
  } catch (error) {
    await connection?.close()
    throw failure('TEMPORAL_UNAVAILABLE', { address, detail: (error as Error).message }, error)
  }
  const link = connection
  return { connection: link, client: new Client({ connection: link, namespace }), close: () => link.close() }
}
