// The records of a batch as they were sent, and how much of what is in them may be held at a time.
import { failure } from '../../../schemas/failures.ts'
import { type Codec, type Source, unreadable } from '../batch.ts'

export interface Packed extends Source {
  /** of the batch's first record */
  readonly offset: number
  readonly codec: Codec
  readonly bytes: Buffer
}

export interface InflateSettings {
  /** batches of at most so many bytes, inflated, are inflated at once: that is faster */
  readonly wholeBytes: number
  /** the others in chunks of about this size */
  readonly chunkBytes: number
  /** a batch that inflates to more is refused */
  readonly maxBatchBytes: number
  /** a larger record is refused */
  readonly maxRecordBytes: number
}

const MIB = 1024 * 1024

/**
 * gzip makes a 1,032nd at best, so that a batch of Kafka's default size, 1 MiB, comes near maxBatchBytes only where it is nothing but
 * repetition. One record is held as a whole, at times as bytes, as text and in a column.
 */
export const INFLATE_SETTINGS: InflateSettings = {
  wholeBytes: 16 * MIB,
  chunkBytes: MIB,
  maxBatchBytes: 1024 * MIB,
  maxRecordBytes: 32 * MIB,
}

/** BATCH_UNREADABLE for bytes that are not what their codec writes. */
export function misshapen(packed: Packed, expected: string, found: unknown, cause?: unknown): Error {
  return unreadable(packed, packed.offset, expected, found, cause)
}

/** BATCH_TOO_LARGE. */
export function tooLarge({ topic, partition, offset }: Packed, expected: number, found: number | string): Error {
  return failure('BATCH_TOO_LARGE', { topic, partition, offset, expected, found })
}
