// The store on S3 and its look-alikes. The AWS SDK is imported here, in s3-multipart.ts and in s3-uploads.ts only.
import assert from 'node:assert/strict'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { isMissingObject, s3Failure, statusOf } from './s3-failure.ts'
import { createLargeObject, isThere, MIN_PART_BYTES } from './s3-multipart.ts'
import { abortUploads } from './s3-uploads.ts'
import type { ListingStore } from './store.ts'
import { createTurns } from './turns.ts'

/** Generous, because the timer also runs while this process is too busy to notice that the connection stands. */
const CONNECT_TIMEOUT_MS = 10_000
/** From the request to the first byte of the answer. */
const ANSWER_TIMEOUT_MS = 60_000
/** Silence in the middle of a transfer. */
const SILENCE_TIMEOUT_MS = 30_000
const MAX_SOCKETS = 64
const MIB = 1024 * 1024
/** Beyond that a single request takes long enough for a broken connection to cost something. */
const MULTIPART_ABOVE_BYTES = 64 * MIB
/** Beyond that a body does not fit the buffers between client and server. */
const LOOK_FIRST_ABOVE_BYTES = MIB
const PART_BYTES = 16 * MIB
/** s3proxy lists an object that is still being written under its name and a random UUID; no key of sluice ends so. */
const ON_ITS_WAY = /-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export interface S3Store extends ListingStore {
  /** Creates the bucket unless it is there. */
  ensureBucket(): Promise<void>
  /**
   * Aborts multipart uploads under `prefix` that were begun before `beforeMs` (since the epoch) and never completed: their parts are
   * paid for and seen by nobody. With `dryRun` they are only counted. → how many.
   */
  abortUploads(prefix: string, options: { readonly beforeMs: number; readonly dryRun?: boolean }): Promise<number>
  /** Closes idle connections; the store cannot be used afterwards. */
  close(): void
}

export interface S3Options {
  /** every key lies under it and callers do not see it, e.g. `tests/x/`; default none */
  readonly prefix?: string
  /** for a connection to stand; default 10 s */
  readonly connectTimeoutMs?: number
  /** from a request to the first byte of its answer; default 60 s */
  readonly answerTimeoutMs?: number
  /** silence in the middle of a transfer; default 30 s */
  readonly silenceTimeoutMs?: number
  /** larger objects go by multipart upload; default 64 MiB, 0: all but empty ones */
  readonly multipartAboveBytes?: number
  /** of their parts; at least 5 MiB, default 16 MiB */
  readonly partBytes?: number
}

/**
 * Opens the bucket of `endpoints`.
 * The SDK tries three times on network errors, 429 and 5xx; what is left becomes STORE_UNAVAILABLE.
 */
export function openS3Store(endpoints: Endpoints['s3'], options: S3Options = {}): S3Store {
  const { prefix: root = '', multipartAboveBytes = MULTIPART_ABOVE_BYTES, partBytes = PART_BYTES } = options
  assert(partBytes >= MIN_PART_BYTES, 'S3 refuses smaller parts')
  const client = openClient(endpoints, options)
  const Bucket = endpoints.bucket
  // the SDK's connection timer also counts the wait for a free socket: nobody may have to wait there
  const takeTurn = createTurns(MAX_SOCKETS)
  const named = <T>(operation: string, key: string, work: () => Promise<T>): Promise<T> =>
    work().catch((error) => {
      throw s3Failure(error, { operation, bucket: Bucket, key: root + key })
    })
  const attempt = <T>(operation: string, key: string, work: () => Promise<T>): Promise<T> =>
    named(operation, key, () => takeTurn(work))
  // several requests: each waits for a turn of its own, or large objects would hold all turns and wait for one more
  const send = ((...request: Parameters<S3Client['send']>) =>
    takeTurn(() => client.send(...request) as unknown as Promise<unknown>)) as unknown as S3Client['send']
  async function* contents(prefix: string, after?: string) {
    const StartAfter = after === undefined ? undefined : root + after
    let ContinuationToken: string | undefined
    do {
      const command = new ListObjectsV2Command({ Bucket, Prefix: root + prefix, StartAfter, ContinuationToken })
      const page = await attempt('LIST', prefix, () => client.send(command))
      yield* (page.Contents ?? []).filter(({ Key }) => !ON_ITS_WAY.test(Key!))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }
  return {
    get: (key) => attempt('GET', key, () => getObject(client, { Bucket, Key: root + key })),
    putIfAbsent: (key, bytes) =>
      bytes.byteLength <= multipartAboveBytes
        ? attempt('PUT', key, () => createObject(client, { Bucket, Key: root + key, bytes }))
        : named('PUT', key, () => createLargeObject({ Bucket, Key: root + key, bytes, partBytes, send })),
    async *list(prefix, { after } = {}) {
      for await (const { Key } of contents(prefix, after)) yield Key!.slice(root.length)
    },
    async *objects(prefix) {
      for await (const { Key, Size, LastModified } of contents(prefix))
        yield { key: Key!.slice(root.length), bytes: Size!, modifiedMs: LastModified!.getTime() }
    },
    async delete(key) {
      await attempt('DELETE', key, () => client.send(new DeleteObjectCommand({ Bucket, Key: root + key })))
    },
    ensureBucket: () => ensureBucket(client, endpoints),
    abortUploads: (prefix, limits) =>
      named('ABORT UPLOADS', prefix, () => abortUploads({ Bucket, Prefix: root + prefix, send, ...limits })),
    close: () => client.destroy(),
  }
}

interface Place {
  readonly Bucket: string
  readonly Key: string
}

async function getObject(client: S3Client, place: Place): Promise<Uint8Array | undefined> {
  try {
    return await readBody(await client.send(new GetObjectCommand(place)))
  } catch (error) {
    if (isMissingObject(error)) return undefined
    throw error
  }
}

async function createObject(
  client: S3Client,
  { bytes, ...place }: Place & { bytes: Uint8Array },
): Promise<'created' | 'exists'> {
  const taken = () => isThere({ ...place, send: client.send.bind(client) as S3Client['send'] })
  // a server that refuses a taken key may hang up while a long body is still being sent: its answer is then lost each time
  const long = bytes.byteLength > LOOK_FIRST_ABOVE_BYTES
  if (long && (await taken())) return 'exists'
  try {
    // a Buffer has a known length and digest; streams would be sent as aws-chunked, which look-alikes stumble over
    await client.send(new PutObjectCommand({ ...place, Body: asBuffer(bytes), IfNoneMatch: '*' }))
    return 'created'
  } catch (error) {
    if (statusOf(error) === 412) return 'exists'
    if (long && statusOf(error) === undefined && (await taken())) return 'exists' // another writer was faster
    throw error
  }
}

function openClient(
  { endpoint, region, accessKeyId, secretAccessKey }: Endpoints['s3'],
  {
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
    answerTimeoutMs = ANSWER_TIMEOUT_MS,
    silenceTimeoutMs = SILENCE_TIMEOUT_MS,
  }: S3Options,
): S3Client {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS }
  return new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 3,
    // the signature covers the sha256 of what we send, and every reader checks the sha256 of what it gets
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeoutMs,
      requestTimeout: answerTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: silenceTimeoutMs,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
  })
}

async function ensureBucket(client: S3Client, { bucket, region }: Endpoints['s3']): Promise<void> {
  const named = { bucket, key: '' }
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return
  } catch (error) {
    if (statusOf(error) !== 404) throw s3Failure(error, { ...named, operation: 'HEAD BUCKET' })
  }
  // us-east-1 is the one region that must not be named
  const place =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...place }))
  } catch (error) {
    if ((error as Error).name === 'BucketAlreadyOwnedByYou') return
    throw s3Failure(error, { ...named, operation: 'CREATE BUCKET' })
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Reads the whole body into one fresh ArrayBuffer (address 0, so 8-byte aligned): each byte is copied once, and Arrow columns can be views
 * of it.
 * A body that breaks off is an error of Node's HTTP client already, so its length needs no check here.
 */
async function readBody({
  Body,
  ContentLength,
}: Pick<GetObjectCommandOutput, 'Body' | 'ContentLength'>): Promise<Uint8Array> {
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
