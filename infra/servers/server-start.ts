// What starting any of the local servers needs to know.
import type { S3ServerName } from '../../schemas/endpoints.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import type { ServerPorts } from './ports.ts'

export interface ServerStart extends Fetching {
  /** the server's own folder below the state folder */
  readonly folder: string
  readonly ports: ServerPorts
  /** which S3 server is wanted; default: the one that wrote what is there, else s3proxy */
  readonly s3Server?: S3ServerName | undefined
  /** aborted: nothing is started any more, and what is starting is stopped */
  readonly signal?: AbortSignal | undefined
}

export interface S3Start extends ServerStart {
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** True when a server on the loopback address says so at /healthz, which both S3 servers have. */
export async function isHealthy(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2000) })).ok
}
