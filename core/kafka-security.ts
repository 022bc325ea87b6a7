// How clients prove who they are to Kafka, and Kafka to them: variables → settings, and back for child processes.
import { type KafkaLogin, type KafkaSecurity, SASL_MECHANISMS } from '../schemas/endpoints.ts'
import { invalid, textOf, tlsFrom, tlsVariables } from './tls-files.ts'

type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'SLUICE_KAFKA'
const SASL = 'SLUICE_KAFKA_SASL'
const USER = 'SLUICE_KAFKA_USER'
const PASSWORD = 'SLUICE_KAFKA_PASSWORD'
const PASSWORD_FILE = 'SLUICE_KAFKA_PASSWORD_FILE'

/** undefined: plain text, nobody logs in. Throws CONFIG_INVALID for files that cannot be read and settings that do not fit together. */
export function kafkaSecurityFrom(env: Environment): KafkaSecurity | undefined {
  const tls = tlsFrom(env, PREFIX)
  const sasl = saslFrom(env)
  if (tls === undefined && sasl === undefined) return undefined
  return { ...(tls && { tls }), ...(sasl && { sasl }) }
}

/** The same as variables. */
export function kafkaSecurityVariables({ tls, sasl }: KafkaSecurity): Record<string, string> {
  return {
    ...(tls && tlsVariables(tls, PREFIX)),
    // emptied: the parent's file is read already
    ...(sasl && { [SASL]: sasl.mechanism, [USER]: sasl.user, [PASSWORD]: sasl.password, [PASSWORD_FILE]: '' }),
  }
}

/** As a person may see it. */
export function maskedSecurity({ tls, sasl }: KafkaSecurity): KafkaSecurity {
  return { ...(tls && { tls }), ...(sasl && { sasl: { ...sasl, password: '***' } }) }
}

/** One line for a person: how the connection is protected, never the secret. */
export function describeSecurity({ tls, sasl }: KafkaSecurity = {}): string {
  const line = tls === undefined ? 'plain text' : `TLS${tls.cert === undefined ? '' : ' with a client certificate'}`
  if (sasl === undefined) return `${line}, no login`
  const isExposed = tls === undefined && sasl.mechanism === 'plain'
  return `${line}, login by ${sasl.mechanism} as ${sasl.user}${isExposed ? ' (the password is sent in clear text)' : ''}`
}

function saslFrom(env: Environment): KafkaLogin | undefined {
  const user = env[USER] || undefined
  const password = passwordFrom(env)
  const wanted = env[SASL] || undefined
  const mechanisms = SASL_MECHANISMS.join(' | ')
  if (wanted === undefined) {
    if (user === undefined && password === undefined) return undefined
    throw invalid(SASL, `${mechanisms}, as ${user === undefined ? PASSWORD : USER} is set`, 'nothing')
  }
  const mechanism = SASL_MECHANISMS.find((name) => name === wanted.toLowerCase())
  if (mechanism === undefined) throw invalid(SASL, mechanisms, wanted)
  if (user === undefined) throw invalid(USER, `a user, as ${SASL} is set`, 'nothing')
  if (password === undefined) throw invalid(PASSWORD, `a password or ${PASSWORD_FILE}, as ${SASL} is set`, 'nothing')
  return { mechanism, user, password }
}

function passwordFrom(env: Environment): string | undefined {
  const password = env[PASSWORD] || undefined
  const file = env[PASSWORD_FILE] || undefined
  if (file === undefined) return password
  if (password !== undefined) throw invalid(PASSWORD_FILE, `nothing, as ${PASSWORD} is set`, file)
  // files that people and secret stores write end with a line feed
  const text = textOf(PASSWORD_FILE, file).replace(/\r?\n$/, '')
  if (text === '') throw invalid(PASSWORD_FILE, 'a password', 'an empty file')
  return text
}
