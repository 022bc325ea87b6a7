// Where the three servers are: what `sluice up` writes and what every client reads.

/** Names of the servers that sluice can start by itself. */
export type ServerName = 'kafka' | 's3' | 'temporal'

export interface Endpoints {
  readonly kafka: { readonly brokers: readonly string[] }
  readonly s3: {
    /** undefined: the SDK's own endpoint for the region */
    readonly endpoint: string | undefined
    readonly region: string
    readonly bucket: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  readonly temporal: {
    /** host:port of the gRPC frontend */
    readonly address: string
    readonly namespace: string
    /** base URL of the web UI, without a trailing slash */
    readonly uiUrl: string
  }
}

/** A schema registry that speaks Confluent's REST API. */
export interface RegistrySettings {
  /** with the path under which /schemas/ids is */
  readonly url: string
  /** Basic authentication; absent: none */
  readonly user?: string
  readonly password?: string
  /** Bearer token, instead of a user */
  readonly token?: string
  /** of one request */
  readonly timeoutMs: number
}
