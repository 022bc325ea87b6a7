// The body of an S3 answer as one array, aligned so that Arrow columns can be views of it.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'

interface Answer {
  readonly Body?: unknown
  readonly ContentLength?: number | undefined
}

/**
 * Reads the whole body into one fresh ArrayBuffer (address 0, so 8-byte aligned): each byte is copied once.
 * A body that breaks off is an error of Node's HTTP client already, so its length needs no check here.
 */
export async function readBody({ Body, ContentLength }: Answer): Promise<Uint8Array> {
  assert(Body instanceof Readable, 'S3 bodies are Node streams')
  if (ContentLength === undefined) return new Uint8Array(Buffer.concat(await Body.toArray()))
  const bytes = new Uint8Array(ContentLength)
  let end = 0
  for await (const chunk of Body as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, end)
    end += chunk.length
  }
  return bytes
}
