// Which failure of the catalogue an S3 error is: what may pass by itself, and what needs a person.
import { failure, type SluiceFailure } from '../../schemas/failures.ts'

interface Attempt {
  readonly operation: string
  readonly bucket: string
  readonly key: string
}

/** HTTP status of the answer; undefined when there was none: refused, reset, timed out. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

/**
 * STORE_UNAVAILABLE: no answer, 409 (a concurrent conditional write is under way), 408, 429, 5xx, or one of `PASSING`.
 * STORE_REFUSED: any other answer, such as a wrong signature, a missing permission or a missing bucket.
 */
export function s3Failure(error: unknown, { operation, bucket, key }: Attempt): SluiceFailure {
  const status = statusOf(error)
  const { name, message } = error as Error
  const detail = [status ?? 'no answer', name, message].filter((part) => part !== '' && part !== 'Error').join(', ')
  const code = mayPass(status, name) ? 'STORE_UNAVAILABLE' : 'STORE_REFUSED'
  return failure(code, { operation, key: `${bucket}/${key}`, detail }, error)
}

/** A missing bucket is no missing object: an empty lake must not be read out of a wrong name. */
export function isMissingObject(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket'
}

/** 4xx all the same: the server gave up waiting, the bytes were damaged on the way, or the upload was aborted under our hands. */
const PASSING = new Set(['RequestTimeout', 'XAmzContentSHA256Mismatch', 'BadDigest', 'NoSuchUpload'])

function mayPass(status: number | undefined, name: string): boolean {
  if (status === undefined || PASSING.has(name)) return true
  return status === 408 || status === 409 || status === 429 || status >= 500 || status < 300
}
