// Which of kafkajs's errors may pass by themselves, and what the others are called.
import { describe, expect, test } from 'vitest'
import { asFailure, mayPass } from '../../../stream/kafka/broker-errors.ts'
import { protocolError } from '../../../stream/kafka/kafkajs/wire.ts'

class KafkaJSLikeError extends Error {
  override readonly name: string
  readonly code: string | undefined
  readonly retriable: boolean
  constructor(name: string, { code, retriable = false }: { code?: string; retriable?: boolean } = {}) {
    super('what happened')
    this.name = name
    this.code = code
    this.retriable = retriable
  }
}

const codeOf = (error: unknown): unknown => (asFailure(error, ['k:1']) as { code?: unknown }).code

describe('protocol errors', () => {
  test.each([
    ['LEADER_NOT_AVAILABLE', 5],
    ['NOT_LEADER_FOR_PARTITION', 6],
    ['COORDINATOR_NOT_AVAILABLE', 15],
    ['FENCED_LEADER_EPOCH', 74],
    ['UNKNOWN_LEADER_EPOCH', 75],
    ['OFFSET_NOT_AVAILABLE', 78],
  ])('%s may pass', (_, code) => {
    expect(mayPass(protocolError(code))).toBe(true)
    expect(codeOf(protocolError(code))).toBe('BROKER_UNAVAILABLE')
  })

  test.each([
    ['TOPIC_AUTHORIZATION_FAILED', 29, 'BROKER_REFUSED'],
    ['UNSUPPORTED_SASL_MECHANISM', 33, 'KAFKA_AUTH'],
    ['SASL_AUTHENTICATION_FAILED', 58, 'KAFKA_AUTH'],
  ])('%s does not', (_, code, failure) => {
    expect(mayPass(protocolError(code))).toBe(false)
    expect(codeOf(protocolError(code))).toBe(failure)
  })
})

describe('connections', () => {
  test('one that went away under a request may pass, though kafkajs throws a plain error for it', () => {
    const error = new Error('Broker not connected')
    expect(mayPass(error)).toBe(true)
    expect(codeOf(error)).toBe('BROKER_UNAVAILABLE')
    expect(asFailure(new Error('another'), ['k:1'])).toEqual(new Error('another'))
  })

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', undefined])('%s may pass', (code) => {
    const error = new KafkaJSLikeError('KafkaJSConnectionError', { retriable: true, ...(code && { code }) })
    expect(mayPass(error)).toBe(true)
  })

  test.each([
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('%s does not', (code) => {
    const error = new KafkaJSLikeError('KafkaJSConnectionError', { code, retriable: true })
    expect(mayPass(error)).toBe(false)
    expect(codeOf(error)).toBe('KAFKA_TLS')
  })
})

test('a refused login may be wrapped', () => {
  const cause = new KafkaJSLikeError('KafkaJSSASLAuthenticationError')
  const wrapped = Object.assign(new KafkaJSLikeError('KafkaJSNumberOfRetriesExceeded'), { cause })
  expect(mayPass(wrapped)).toBe(false)
  expect(codeOf(wrapped)).toBe('KAFKA_AUTH')
})

test('a coordinator that moves may pass', () => {
  expect(mayPass(new KafkaJSLikeError('KafkaJSGroupCoordinatorNotFound'))).toBe(true)
})
