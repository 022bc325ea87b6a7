// Multipart uploads that were begun and never completed: what a killed process leaves behind.
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'

export interface AbortUploads {
  readonly Bucket: string
  readonly Prefix: string
  readonly send: S3Client['send']
  /** milliseconds since the epoch: younger ones may still be under way */
  readonly beforeMs: number
  /** only counts; default false */
  readonly dryRun?: boolean
}

/** Aborts old uploads under the prefix; → how many. One that somebody completes or aborts meanwhile is no error. */
export async function abortUploads({ send, beforeMs, dryRun = false, ...place }: AbortUploads): Promise<number> {
  let count = 0
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (;;) {
    const page = await send(new ListMultipartUploadsCommand({ ...place, ...markers }))
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      // not every server filters by prefix
      if (!Key?.startsWith(place.Prefix) || Initiated === undefined || Initiated.getTime() >= beforeMs) continue
      count++
      if (!dryRun) await abortOne(send, { Bucket: place.Bucket, Key, UploadId })
    }
    if (page.IsTruncated !== true) return count
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}

async function abortOne(
  send: S3Client['send'],
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
): Promise<void> {
  try {
    await send(new AbortMultipartUploadCommand(upload))
  } catch (error) {
    if ((error as Error).name !== 'NoSuchUpload') throw error
  }
}
