// Requests that kafkajs does not know, over its connections: their bytes, and what they have in common.
import { createRequire } from 'node:module'

/** A position in an answer. */
export interface Wire {
  readonly bytes: Buffer
  at: number
}

/** Lowest 7 bits first, as in "compact" strings and arrays, whose lengths are written plus one. */
export function uvarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

export function readUvarint(wire: Wire): number {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = wire.bytes.readUInt8(wire.at++)
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
}

export interface ApiCall {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
}

const load = createRequire(import.meta.url)

/** kafkajs's form of a request whose body is ready. */
export function rawRequest(call: ApiCall, body: Buffer): ApiCall & { readonly encode: () => Promise<unknown> } {
  const Encoder = load('kafkajs/src/protocol/encoder') as new () => { writeBufferInternal(bytes: Buffer): void }
  const encode = async (): Promise<unknown> => {
    const encoder = new Encoder()
    encoder.writeBufferInternal(body)
    return encoder
  }
  return { ...call, encode }
}

/** kafkajs's error for a protocol error code, as its own parser would throw. */
export function protocolError(code: number): Error {
  const { createErrorFromCode } = load('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
  return createErrorFromCode(code)
}
