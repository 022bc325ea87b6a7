// Requests and answers that kafkajs does not know, byte for byte as Kafka's own classes write them (fixtures/stream/kafka-wire).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeEpochsResponse, encodeEpochsRequest } from '../../../../stream/kafka/kafkajs/epochs.ts'
import { decodeMetadataResponse, encodeMetadataRequest } from '../../../../stream/kafka/kafkajs/metadata.ts'

const file = new URL('../../../fixtures/stream/kafka-wire/messages.json', import.meta.url)
const messages = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
const bytes = (name: string): Buffer => Buffer.from(messages[name]!, 'hex')
// of the header, which Kafka's classes write apart from the message
const NO_TAGS = Buffer.from([0])
const TOPIC = 't'.repeat(200)

test('a metadata request is Kafka’s', () => {
  const expected = Buffer.concat([NO_TAGS, bytes('metadataRequest')])
  expect(encodeMetadataRequest(TOPIC).toString('hex')).toBe(expected.toString('hex'))
})

test('a metadata answer is read', () => {
  const answer = Buffer.concat([NO_TAGS, bytes('metadataResponse')])
  expect(decodeMetadataResponse(answer)).toEqual({
    errorCode: 0,
    topicId: 'P47kMY_STd2ilZEivWzyNg',
    leaders: new Map([
      [0, { node: -1, epoch: 12 }],
      [1, { node: 2, epoch: 7 }],
      [2, { node: 1, epoch: 300 }],
    ]),
  })
})

test('unknown tags are skipped', () => {
  const tags = Buffer.from([2, 0, 3, 1, 2, 3, 9, 1, 7])
  const answer = Buffer.concat([tags, bytes('metadataResponse')])
  expect(decodeMetadataResponse(answer).topicId).toBe('P47kMY_STd2ilZEivWzyNg')
})

test('an answer that is cut is refused', () => {
  const answer = Buffer.concat([NO_TAGS, bytes('metadataResponse')])
  for (let length = 0; length < answer.length - 10; length++)
    expect(() => decodeMetadataResponse(answer.subarray(0, length)), `${length} bytes`).toThrow()
})

test('a question for epochs is Kafka’s', () => {
  const asked = encodeEpochsRequest('events', [
    { partition: 0, epoch: 3 },
    { partition: 5, epoch: 0, currentEpoch: 9 },
  ])
  expect(asked.toString('hex')).toBe(messages.epochsRequest)
})

test('ends of epochs are read', () => {
  expect(decodeEpochsResponse(bytes('epochsResponse'))).toEqual([
    { partition: 0, errorCode: 0, end: 5_000_000_000 },
    { partition: 5, errorCode: 6, end: -1 },
  ])
})
