// How clients of Temporal connect: TLS files and an API key as its SDK wants them.
import { readFileSync } from 'node:fs'
import type { Endpoints } from '../schemas/endpoints.ts'

export interface TemporalConnect {
  readonly address: string
  readonly tls?: {
    serverRootCACertificate?: Buffer
    clientCertPair?: { crt: Buffer; key: Buffer }
  }
  readonly apiKey?: string
}

/** For Connection.connect and NativeConnection.connect. Reads the files each time. */
export function temporalConnect({ address, tls, apiKey }: Endpoints['temporal']): TemporalConnect {
  const { ca, cert, key } = tls ?? {}
  return {
    address,
    ...(tls && {
      tls: {
        ...(ca === undefined ? {} : { serverRootCACertificate: readFileSync(ca) }),
        ...(cert === undefined || key === undefined
          ? {}
          : { clientCertPair: { crt: readFileSync(cert), key: readFileSync(key) } }),
      },
    }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}
