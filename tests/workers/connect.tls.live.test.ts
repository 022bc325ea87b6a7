// Temporal behind TLS: a proxy ends it before the real server, and wants a client certificate.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { TlsFiles } from '../../schemas/endpoints.ts'
import { connectTemporal } from '../../workers/connect.ts'
import { listen } from '../setup/listen.ts'
import { makeAuthority, makeCertificate } from '../stream/kafka/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-temporal-tls-'))
const file = (name: string): string => join(folder, name)
const { temporal } = inject('endpoints')
let proxy: Server
let address: string

beforeAll(async () => {
  for (const name of ['ca', 'other']) makeAuthority(folder, name)
  for (const name of ['server', 'client']) makeCertificate(folder, name)
  const [cert, key, ca] = ['server.pem', 'server.key', 'ca.pem'].map((name) => readFileSync(file(name)))
  const wanted = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] }
  proxy = createServer({ cert: cert!, key: key!, ca: ca!, ...wanted }, (client) => {
    const [host, port] = temporal.address.split(':')
    const server = connect(Number(port), host)
    client.pipe(server).pipe(client)
    for (const socket of [client, server])
      socket.on('error', () => [client, server].forEach((one) => void one.destroy()))
  })
  address = await listen(proxy)
})
afterAll(() => {
  proxy.close()
  rmSync(folder, { recursive: true })
})

const link = (tls: TlsFiles) => connectTemporal({ ...temporal, address, tls })
const certified = { cert: file('client.pem'), key: file('client.key') }

test('a client certificate gets in', async () => {
  const { client, close } = await link({ ca: file('ca.pem'), ...certified })
  const { namespace } = temporal
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace })
  expect(namespaceInfo?.name).toBe(namespace)
  await close()
})

test.each([
  ['without a certificate', { ca: file('ca.pem') }],
  ['to another authority', { ca: file('other.pem'), ...certified }],
])('%s nobody does', async (_, tls) => {
  await expect(link(tls)).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' })
})
