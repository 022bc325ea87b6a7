// Event files of TensorBoard: framed records of scalars. Formats: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto
import { crc32c } from '../../core/crc32c.ts'
import { type Bytes, bytesField, concat, doubleField, floatField, integerField } from '../graph/wire.ts'

export interface Scalars {
  readonly step: number
  /** when they were measured, milliseconds since the epoch */
  readonly timeMs: number
  /** tag → value, e.g. {"loss/train": 0.25} */
  readonly values: Readonly<Record<string, number>>
}

/** Value of SessionLog.status: what has a step at or above this event's is of an attempt that was lost. */
const START = 1

/** The first record of every file. */
export function versionRecord(timeMs: number): Bytes {
  return record(concat([wallTime(timeMs), bytesField(3, 'brain.Event:2')]))
}

/** Tells a reader that training starts (again) at `step`: points that an attempt before drew from there on are dropped. */
export function startRecord({ step, timeMs }: { step: number; timeMs: number }): Bytes {
  return record(concat([wallTime(timeMs), integerField(2, step), bytesField(7, integerField(1, START))]))
}

export function scalarsRecord({ step, timeMs, values }: Scalars): Bytes {
  const summary = Object.entries(values).map(([tag, value]) =>
    bytesField(1, concat([bytesField(1, tag), floatField(2, value)])),
  )
  return record(concat([wallTime(timeMs), integerField(2, step), bytesField(5, concat(summary))]))
}

/** Length (uint64), checksum of the length, the bytes, checksum of the bytes; all little-endian. */
function record(bytes: Bytes): Bytes {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return concat([length, maskedChecksum(length), bytes, maskedChecksum(bytes)])
}

/** CRC-32C, rotated and shifted so that a checksum of data that holds checksums stays sound. */
function maskedChecksum(bytes: Bytes): Bytes {
  const crc = crc32c(bytes)
  const masked = Buffer.alloc(4)
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
  return masked
}

/** Seconds since the epoch. */
function wallTime(timeMs: number): Bytes {
  return doubleField(1, timeMs / 1000)
}
