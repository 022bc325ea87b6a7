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

/** Throws TEMPORAL_UNAVAILABLE. Later losses of the connection heal by themselves. */
export async function connectTemporal(endpoint: Endpoints['temporal']): Promise<TemporalLink> {
  const { address, namespace } = endpoint
  try {
    const connection = await NativeConnection.connect(temporalConnect(endpoint))
    const client = new Client({ connection, namespace })
    return { connection, client, close: () => connection.close() }
  } catch (error) {
    throw failure('TEMPORAL_UNAVAILABLE', { address, detail: (error as Error).message }, error)
  }
}
