// kafkajs's errors, sorted: may it pass by itself, and what to call it when it does not.
import { failure, isFailure } from '../../schemas/failures.ts'

interface KafkaError extends Error {
  /** name of the protocol error, e.g. NOT_LEADER_FOR_PARTITION */
  readonly type?: string
  readonly retriable?: boolean
  /** of the socket, e.g. SELF_SIGNED_CERT_IN_CHAIN */
  readonly code?: string | number
}

// kafkajs wraps the cause once its own retries are used up, and marks the wrapping as not retriable
const WRAPPERS = new Set(['KafkaJSNumberOfRetriesExceeded', 'KafkaJSNonRetriableError'])

// final by kafkajs's marks, but a matter of waiting
const TRANSIENT = new Set(['KafkaJSLockTimeout', 'KafkaJSTimeout', 'KafkaJSGroupCoordinatorNotFound'])

/** The error below kafkajs's wrappings; of several, the first. */
function rootOf(error: unknown): KafkaError {
  let root = error
  while (root instanceof Error && WRAPPERS.has(root.name) && root.cause instanceof Error) root = root.cause
  if (root instanceof Error && 'errors' in root && Array.isArray(root.errors)) root = root.errors[0]
  return root instanceof Error ? root : new Error(String(root))
}

// what OpenSSL and Node.js call certificates that are not trusted, and a peer that speaks no TLS or another one
const TLS_CODE = /CERT|ISSUER|CRL|SIGNATURE|SSL|TLS|^EPROTO$/

/** Of a connection that went away under a request, kafkajs throws a plain error. */
const isNotConnected = ({ message }: KafkaError): boolean => message === 'Broker not connected'

/** A login that was refused: asking again does not help. */
function isLoginRefused({ name, type }: KafkaError): boolean {
  return (
    name === 'KafkaJSSASLAuthenticationError' ||
    type === 'SASL_AUTHENTICATION_FAILED' ||
    type === 'UNSUPPORTED_SASL_MECHANISM'
  )
}

function isDistrust({ code }: KafkaError): boolean {
  return typeof code === 'string' && TLS_CODE.test(code)
}

/** True for what a later try may cure: lost connections, leaders that move, brokers that start. */
export function mayPass(error: unknown): boolean {
  if (isFailure(error)) return false
  const root = rootOf(error)
  if (isNotConnected(root)) return true
  if (!root.name.startsWith('KafkaJS') || isLoginRefused(root) || isDistrust(root)) return false
  return TRANSIENT.has(root.name) || root.retriable === true
}

export function isUnknownTopic(error: unknown): boolean {
  const { type } = rootOf(error)
  return type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION'
}

/** The catalogue's error for one of kafkajs's; anything else is passed on as it is. */
export function asFailure(error: unknown, brokers: readonly string[], topic?: string): unknown {
  const root = rootOf(error)
  if (isFailure(error) || !(root.name.startsWith('KafkaJS') || isNotConnected(root))) return error
  const facts = { brokers: brokers.join(', ') }
  if (topic !== undefined && isUnknownTopic(error)) return failure('TOPIC_UNKNOWN', { ...facts, topic }, error)
  const { message: detail } = root
  if (isLoginRefused(root)) return failure('KAFKA_AUTH', { ...facts, detail }, error)
  if (isDistrust(root)) return failure('KAFKA_TLS', { ...facts, detail }, error)
  return failure(mayPass(error) ? 'BROKER_UNAVAILABLE' : 'BROKER_REFUSED', { ...facts, detail }, error)
}
