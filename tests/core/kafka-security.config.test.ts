// What the environment says about TLS and logins of Kafka: settings, masks, and clear refusals.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { childEnvironment, loadConfig, maskedConfig } from '../../core/config.ts'
import { describeSecurity, kafkaSecurityFrom } from '../../core/kafka-security.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-security-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const pem = file('ca.pem', '-----BEGIN CERTIFICATE-----\n')
const secret = file('password', 'hunter two\n')
const login = { SLUICE_KAFKA_SASL: 'SCRAM-SHA-512', SLUICE_KAFKA_USER: 'app' }
const servers = {
  SLUICE_KAFKA_BROKERS: 'k:1',
  SLUICE_TEMPORAL_ADDRESS: 't:1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  SLUICE_STATE: folder,
}

test('nothing set is plain text', () => {
  expect(kafkaSecurityFrom({})).toBeUndefined()
  expect(kafkaSecurityFrom({ SLUICE_KAFKA_TLS: '0', SLUICE_KAFKA_USER: '' })).toBeUndefined()
  expect(describeSecurity(undefined)).toBe('plain text, no login')
})

test('a password comes from a file', () => {
  expect(kafkaSecurityFrom({ ...login, SLUICE_KAFKA_PASSWORD_FILE: secret, SLUICE_KAFKA_CA: pem })).toEqual({
    tls: { ca: pem },
    sasl: { mechanism: 'scram-sha-512', user: 'app', password: 'hunter two' },
  })
})

test('TLS alone trusts known authorities', () => {
  expect(kafkaSecurityFrom({ SLUICE_KAFKA_TLS: '1' })).toEqual({ tls: {} })
})

test.each([
  ['TLS', { SLUICE_KAFKA_TLS: 'yes' }],
  ['TLS', { SLUICE_KAFKA_TLS: '0', SLUICE_KAFKA_CA: pem }],
  ['CA', { SLUICE_KAFKA_CA: join(folder, 'absent.pem') }],
  ['CA', { SLUICE_KAFKA_CA: secret }],
  ['KEY', { SLUICE_KAFKA_CERT: pem }],
  ['CERT', { SLUICE_KAFKA_KEY: pem }],
  ['SASL', { SLUICE_KAFKA_USER: 'app' }],
  ['SASL', { SLUICE_KAFKA_PASSWORD: 'x' }],
  ['SASL', { ...login, SLUICE_KAFKA_SASL: 'gssapi', SLUICE_KAFKA_PASSWORD: 'x' }],
  ['USER', { SLUICE_KAFKA_SASL: 'plain', SLUICE_KAFKA_PASSWORD: 'x' }],
  ['PASSWORD', login],
  ['PASSWORD_FILE', { ...login, SLUICE_KAFKA_PASSWORD: 'x', SLUICE_KAFKA_PASSWORD_FILE: secret }],
  ['PASSWORD_FILE', { ...login, SLUICE_KAFKA_PASSWORD_FILE: join(folder, 'absent') }],
  ['PASSWORD_FILE', { ...login, SLUICE_KAFKA_PASSWORD_FILE: file('empty', '\n') }],
])('SLUICE_KAFKA_%s is named: %o', (name, env) => {
  const expected = expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.objectContaining({ name: `SLUICE_KAFKA_${name}` }) }) // biome-ignore format: one line
  expect(() => kafkaSecurityFrom(env)).toThrow(expected)
})

describe('the secret', () => {
  const env = { ...servers, ...login, SLUICE_KAFKA_PASSWORD_FILE: secret, SLUICE_KAFKA_CA: pem }
  const config = loadConfig(env)

  test('is shown to nobody', () => {
    const shown = JSON.stringify(maskedConfig(config)) + describeSecurity(config.endpoints?.kafka.security)
    expect(shown).toContain('app')
    expect(shown).not.toContain('hunter')
  })

  test('reaches child processes', () => {
    const child = loadConfig(childEnvironment(config.endpoints!, env))
    expect(child.endpoints?.kafka).toEqual(config.endpoints?.kafka)
  })
})

test.each([
  [
    { sasl: { mechanism: 'plain', user: 'a', password: 'b' } },
    'plain text, login by plain as a (the password is sent in clear text)',
  ],
  [{ tls: { cert: 'c', key: 'k' } }, 'TLS with a client certificate, no login'],
  [{ tls: {}, sasl: { mechanism: 'plain', user: 'a', password: 'b' } }, 'TLS, login by plain as a'],
] as const)('%o is described', (security, line) => {
  expect(describeSecurity(security)).toBe(line)
})
