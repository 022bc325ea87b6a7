// A real broker behind TLS and logins: who may in gets in, who may not is told why, at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KafkaSecurity, SASL_MECHANISMS, type TlsFiles } from '../../../schemas/endpoints.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { sendEvents } from '../../../stream/kafka/producer.ts'
import { PASSWORD, type SecureBroker, startSecureBroker, USER } from './secure-broker.ts'

let secure: SecureBroker
beforeAll(async () => {
  secure = await startSecureBroker()
}, 180_000)
afterAll(() => secure?.close(), 60_000)

const COUNT = 10

/** Creates a topic, sends, publishes and reads: every kind of connection. */
async function useAll(address: string, security: KafkaSecurity): Promise<number> {
  const kafka = { brokers: [address], security }
  const broker = await connectBroker(kafka)
  try {
    const topic = `secure-${Math.random().toString(36).slice(2)}`
    await broker.createTopic({ topic, partitions: 1 })
    await sendEvents({ ...kafka, topic, events: Array.from({ length: COUNT }, (_, i) => ({ value: `v${i}` })) })
    await broker.publishOffsets(`lag-${topic}`, topic, [{ partition: 0, offset: COUNT }])
    const { records } = await broker.readRange({ topic, partition: 0, start: 0, end: COUNT }, () => {})
    return records
  } finally {
    await broker.close()
  }
}

const login = (mechanism: (typeof SASL_MECHANISMS)[number], password = PASSWORD) => ({
  mechanism,
  user: USER,
  password,
})

const PATIENT = { timeout: 60_000 }

describe.each(SASL_MECHANISMS)('%s', (mechanism) => {
  test('the right password gets in', async () => {
    expect(await useAll(secure.sasl, { tls: { ca: secure.ca }, sasl: login(mechanism) })).toBe(COUNT)
  }, 60_000)

  test('a wrong one is refused', PATIENT, async () => {
    const security = { tls: { ca: secure.ca }, sasl: login(mechanism, 'guessed') }
    const refused = connectBroker({ brokers: [secure.sasl], security })
    await expect(refused).rejects.toMatchObject({ code: 'KAFKA_AUTH', message: expect.not.stringContaining('guessed') })
    const topic = 'never-made'
    const sending = sendEvents({ brokers: [secure.sasl], security, topic, events: [{ value: 'x' }] })
    await expect(sending).rejects.toMatchObject({ code: 'KAFKA_AUTH' })
  })
})

test('a client certificate gets in', async () => {
  const { ca, cert, key } = secure
  expect(await useAll(secure.mutual, { tls: { ca, cert, key } })).toBe(COUNT)
}, 60_000)

describe('no trust', () => {
  test.each<[string, () => [string, TlsFiles]]>([
    ['another authority', () => [secure.sasl, { ca: secure.otherCa }]],
    ['the authorities that are known', () => [secure.sasl, {}]],
    ['no client certificate', () => [secure.mutual, { ca: secure.ca }]],
    ['a file that is gone', () => [secure.sasl, { ca: '/nowhere/ca.pem' }]],
  ])('in %s', PATIENT, async (_, given) => {
    const [address, tls] = given()
    const security = { tls, ...(address === secure.sasl ? { sasl: login('plain') } : {}) }
    await expect(connectBroker({ brokers: [address], security })).rejects.toMatchObject({ code: 'KAFKA_TLS' })
  })
})

test('TLS to plain text says so', async () => {
  const security = { tls: { ca: secure.ca } }
  const connecting = connectBroker({ brokers: [secure.plainText], security, patienceMs: 300 })
  await expect(connecting).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    message: expect.stringContaining('before secure TLS connection was established'),
  })
}, 20_000)
