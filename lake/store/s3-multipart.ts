// Large objects on S3: their parts travel side by side, and the object appears at once when all are there.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { isMissingObject, statusOf } from './s3-failure.ts'

/** S3 takes no smaller part, except the last one. */
export const MIN_PART_BYTES = 5 * 1024 * 1024
/** S3 takes no more parts of one object. */
const MAX_PARTS = 10_000
/** Parts of one object that travel at a time. */
const LANES = 4

export interface LargeObject {
  readonly Bucket: string
  readonly Key: string
  readonly bytes: Uint8Array
  /** of all parts but the last; raised where the object would have too many */
  readonly partBytes: number
  /** Sends one request when it is its turn; what it throws is an answer of S3 as it came, or none. */
  readonly send: S3Client['send']
}

interface Part {
  readonly PartNumber: number
  readonly ETag: string
}

type Upload = Pick<LargeObject, 'Bucket' | 'Key'> & { readonly UploadId: string }

/**
 * Creates the object by a multipart upload whose completion carries If-None-Match: *. 'exists' without sending a part when the key is taken,
 * as a repeated write of the same content finds it. Whatever fails, the upload is aborted as far as the server answers; one that a killed
 * process left behind is found by `S3Store.abortUploads`.
 */
export async function createLargeObject(object: LargeObject): Promise<'created' | 'exists'> {
  const { Bucket, Key, send } = object
  if (await isThere(object)) return 'exists'
  const { UploadId } = await send(new CreateMultipartUploadCommand({ Bucket, Key }))
  const upload = { Bucket, Key, UploadId: UploadId! }
  try {
    const parts = await sendParts(object, upload)
    return await complete(object, { upload, parts })
  } catch (error) {
    await abort(object, upload)
    throw error
  }
}

/**
 * Sizes of the parts, all equal but the last; an empty object has one part without bytes.
 * `partBytes` is raised where there would be more than 10,000 parts.
 */
export function planParts(
  totalBytes: number,
  partBytes: number,
): readonly { readonly start: number; readonly end: number }[] {
  const size = Math.max(partBytes, Math.ceil(totalBytes / MAX_PARTS))
  const count = Math.max(1, Math.ceil(totalBytes / size))
  return Array.from({ length: count }, (_, i) => ({ start: i * size, end: Math.min((i + 1) * size, totalBytes) }))
}

/**
 * All parts, each a Buffer of known length whose sha256 the signature covers. After a failure no further part is begun, and those under way
 * are waited for: an upload is aborted for good only when none of its parts can still arrive.
 */
async function sendParts({ bytes, partBytes, send }: LargeObject, upload: Upload): Promise<Part[]> {
  const places = planParts(bytes.byteLength, partBytes)
  const parts: Part[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < places.length) {
      const PartNumber = ++next
      const { start, end } = places[PartNumber - 1]!
      const Body = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      try {
        const { ETag } = await send(new UploadPartCommand({ ...upload, PartNumber, Body }))
        parts.push({ PartNumber, ETag: ETag! })
      } catch (error) {
        next = places.length
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(LANES, places.length) }, lane))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return parts.sort((a, b) => a.PartNumber - b.PartNumber)
}

/** The commit point of a large object. */
async function complete(
  object: LargeObject,
  { upload, parts }: { readonly upload: Upload; readonly parts: Part[] },
): Promise<'created' | 'exists'> {
  const command = new CompleteMultipartUploadCommand({
    ...upload,
    MultipartUpload: { Parts: parts },
    IfNoneMatch: '*',
  })
  try {
    await object.send(command)
    return 'created'
  } catch (error) {
    if (statusOf(error) === 412) {
      await abort(object, upload)
      return 'exists'
    }
    // the answer to an earlier try was lost: that one completed the upload, unless somebody aborted it
    if ((error as Error).name === 'NoSuchUpload' && (await isThere(object))) return 'exists'
    throw error
  }
}

/** Whether the key is taken. */
export async function isThere({ Bucket, Key, send }: Pick<LargeObject, 'Bucket' | 'Key' | 'send'>): Promise<boolean> {
  try {
    await send(new HeadObjectCommand({ Bucket, Key }))
    return true
  } catch (error) {
    if (isMissingObject(error)) return false
    throw error
  }
}

/** Parts that stay cost money and do no harm: what went wrong before matters more than that this goes wrong too. */
async function abort({ send }: LargeObject, upload: Upload): Promise<void> {
  await send(new AbortMultipartUploadCommand(upload)).catch(() => {})
}
