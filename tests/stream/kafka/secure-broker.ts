// A real broker of its own that wants TLS: one listener with logins, one with client certificates; certificates made by openssl.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../core/config.ts'
import { startKafka } from '../../../infra/servers/kafka.ts'
import { choosePorts } from '../../../infra/servers/ports.ts'
import { stop } from '../../../infra/servers/process.ts'
import { makeAuthority, makeCertificate } from './certificates.ts'

export const USER = 'app'
export const PASSWORD = 'p4$$ w0rd/+%'

export interface SecureBroker {
  /** SASL_SSL */
  readonly sasl: string
  /** SSL, client certificate required */
  readonly mutual: string
  readonly plainText: string
  /** PEM files */
  readonly ca: string
  readonly otherCa: string
  readonly cert: string
  readonly key: string
  close(): Promise<void>
}

export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-secure-'))
  const file = (name: string): string => join(folder, name)
  makeAuthority(folder, 'ca')
  makeAuthority(folder, 'other')
  makeCertificate(folder, 'server')
  makeCertificate(folder, 'client')
  const ports = await choosePorts(folder, {})
  // of servers that are not started here
  const { kafka: plain, kafkaController, s3: sasl, temporal: mutual } = ports
  const start = { cacheDir: loadConfig().cacheDir, folder: file('kafka'), ports, say: () => {} }
  const more = { ...listeners({ plain, kafkaController, sasl, mutual }), ...stores(folder), ...logins() }
  const formatArgs = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${USER},password=${PASSWORD}]`,
  ])
  await startKafka(start, { more, formatArgs, heapMiB: 256 })
  return {
    sasl: `127.0.0.1:${sasl}`,
    mutual: `127.0.0.1:${mutual}`,
    plainText: `127.0.0.1:${plain}`,
    ca: file('ca.pem'),
    otherCa: file('other.pem'),
    cert: file('client.pem'),
    key: file('client.key'),
    async close() {
      await stop(file('kafka'), 10_000)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function listeners({ plain, kafkaController, sasl, mutual }: Record<string, number>): Record<string, string> {
  const forClients = `PLAINTEXT://127.0.0.1:${plain},SASL_SSL://127.0.0.1:${sasl},SSL://127.0.0.1:${mutual}`
  return {
    listeners: `${forClients},CONTROLLER://127.0.0.1:${kafkaController}`,
    'advertised.listeners': forClients,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT',
    'listener.name.ssl.ssl.client.auth': 'required',
  }
}

/** The broker reads PEM: its key and certificate in one file. */
function stores(folder: string): Record<string, string> {
  const keystore = join(folder, 'server-store.pem')
  const parts = ['server.key', 'server.pem', 'ca.pem'].map((name) => readFileSync(join(folder, name), 'utf8'))
  writeFileSync(keystore, parts.join(''))
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'ca.pem'),
  }
}

function logins(): Record<string, string> {
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
  }
}
