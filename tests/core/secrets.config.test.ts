// Settings as a person may see them: what is secret stands nowhere in them.
import { expect, test } from 'vitest'
import { loadConfig, maskedConfig } from '../../core/config.ts'

/** variable → a secret value that is found again */
const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'planted-secret-of-the-store',
  SLUICE_SERVE_TOKEN: 'planted-token-of-the-server',
  SLUICE_PERSONAL_KEY: 'planted-key-of-personal-data-0123456789',
  SLUICE_TEMPORAL_API_KEY: 'planted-key-of-temporal',
  SLUICE_KAFKA_PASSWORD: 'planted-password-of-kafka',
  SLUICE_SCHEMA_REGISTRY_PASSWORD: 'planted-password-of-the-registry',
  SLUICE_SCHEMA_REGISTRY_TOKEN: 'planted-token-of-the-registry',
}
const OPEN = {
  SLUICE_STATE: '/nowhere',
  SLUICE_KAFKA_BROKERS: 'kafka:9092',
  SLUICE_KAFKA_SASL: 'scram-sha-256',
  SLUICE_KAFKA_USER: 'ada',
  SLUICE_TEMPORAL_ADDRESS: 'temporal:7233',
  AWS_ACCESS_KEY_ID: 'an-id',
  SLUICE_SCHEMA_REGISTRY: 'https://registry.example.org',
  SLUICE_SCHEMA_REGISTRY_USER: 'grace',
}

test('every secret is masked', () => {
  const config = loadConfig({ ...OPEN, ...SECRETS })
  const settings = JSON.stringify(config)
  for (const secret of Object.values(SECRETS)) expect(settings).toContain(secret) // else nothing would be masked here
  const masked = JSON.stringify(maskedConfig(config))
  expect(masked).not.toContain('planted')
  for (const seen of ['kafka:9092', 'ada', 'grace', 'an-id', '***']) expect(masked).toContain(seen)
})

test.each([
  ['SLUICE_SERVE_TOKEN', 'x'.repeat(15), '15'],
  ['SLUICE_PERSONAL_KEY', 'ü'.repeat(15), '30'],
])('%s must be long enough', (name, value, found) => {
  expect(() => loadConfig({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.objectContaining({ name, found }) }),
  )
})
