// TLS and SASL as kafkajs wants them.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import type { KafkaSecurity, TlsFiles } from '../../../schemas/endpoints.ts'
import { failure } from '../../../schemas/failures.ts'

/** For kafkajs's constructors, which keep what they are given. Throws KAFKA_TLS when a file cannot be read any more. */
export function clientSecurity(security: KafkaSecurity | undefined): { ssl?: ConnectionOptions; sasl?: SASLOptions } {
  const { tls, sasl } = security ?? {}
  return {
    ...(tls === undefined ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === undefined
      ? {}
      : { sasl: { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password } as SASLOptions }),
  }
}

function tlsOptions({ ca, cert, key }: TlsFiles): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca: [read(ca)] }),
    ...(cert === undefined ? {} : { cert: read(cert) }),
    ...(key === undefined ? {} : { key: read(key) }),
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw failure('KAFKA_TLS', { brokers: 'any address', detail: (error as Error).message }, error)
  }
}
