// Addresses of servers in the environment: what cannot be one is named with its variable before any command works.
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'

const SETTINGS = {
  SLUICE_STATE: '/nowhere',
  SLUICE_KAFKA_BROKERS: 'kafka:9092',
  SLUICE_TEMPORAL_ADDRESS: 'temporal:7233',
  SLUICE_S3_ENDPOINT: 'http://s3:9000',
  AWS_ACCESS_KEY_ID: 'an-id',
  AWS_SECRET_ACCESS_KEY: 'a-secret',
}

describe.each([
  [
    'SLUICE_KAFKA_BROKERS',
    ['nonsense', 'kafka', 'kafka:99999', 'kafka:0', 'kafka:x', ' , ', 'a:1,b', 'http://a:1', 'a b:1'],
  ],
  ['SLUICE_TEMPORAL_ADDRESS', [':::', 'temporal', 'http://temporal:7233', 'a:1,b:1', '::1:7233']],
  ['SLUICE_S3_ENDPOINT', ['nonsense', 's3:9000', 'ftp://s3']],
  ['SLUICE_TEMPORAL_UI', ['ui', 'ui:8233']],
])('%s', (name, wrong) => {
  test.each(wrong)('%o is refused', (text) => {
    expect(() => loadConfig({ ...SETTINGS, [name]: text })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.objectContaining({ name }) }),
    )
  })
})

test('several brokers, IPv6 and a comma at the end are taken', () => {
  const brokers = 'kafka-1.example.org:9092, [::1]:9093, 127.0.0.1:9094,'
  const { endpoints } = loadConfig({
    ...SETTINGS,
    SLUICE_KAFKA_BROKERS: brokers,
    SLUICE_TEMPORAL_ADDRESS: '[::1]:7233',
  })
  expect(endpoints?.kafka.brokers).toEqual(['kafka-1.example.org:9092', '[::1]:9093', '127.0.0.1:9094'])
  expect(endpoints?.temporal).toMatchObject({ address: '[::1]:7233', uiUrl: 'http://[::1]:8233' })
})

test('an empty variable is none', () => {
  const { endpoints } = loadConfig({ ...SETTINGS, SLUICE_S3_ENDPOINT: '', SLUICE_TEMPORAL_UI: '' })
  expect(endpoints?.s3.endpoint).toBe(undefined)
  expect(endpoints?.temporal.uiUrl).toBe('http://temporal:8233')
})
