// Where the three servers are: what `sluice up` writes and what every client reads.

/** Names of the servers that sluice can start by itself. */
export type ServerName = 'kafka' | 's3' | 'temporal'

/** The S3 servers that sluice can start by itself; the first one unless somebody chooses. */
export const S3_SERVERS = ['s3proxy', 'versitygw'] as const
export type S3ServerName = (typeof S3_SERVERS)[number]

export interface Endpoints {
  readonly kafka: KafkaEndpoint
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
    /** absent: plain text, unless there is an API key */
    readonly tls?: TlsFiles
    /** absent: none */
    readonly apiKey?: string
  }
}

export interface KafkaEndpoint {
  /** host:port, at least one */
  readonly brokers: readonly string[]
  /** absent: plain text, nobody logs in */
  readonly security?: KafkaSecurity
}

export interface KafkaSecurity {
  /** absent: plain text */
  readonly tls?: TlsFiles
  /** absent: nobody logs in, or the certificate says who it is */
  readonly sasl?: KafkaLogin
}

/** Paths of PEM files. */
export interface TlsFiles {
  /** who signs the servers' certificates; absent: the authorities that Node.js knows */
  readonly ca?: string
  /** the client's own certificate and its key: both or neither */
  readonly cert?: string
  readonly key?: string
}

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

export interface KafkaLogin {
  readonly mechanism: (typeof SASL_MECHANISMS)[number]
  readonly user: string
  readonly password: string
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
