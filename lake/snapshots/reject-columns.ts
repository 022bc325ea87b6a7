// Rejected records as columns: original bytes, headers included, and their reasons as a JSON list, since columns hold no lists of strings.
import assert from 'node:assert/strict'
import { type Column, type Columns, isValid } from '../../schemas/columns.ts'
import type { Reject } from '../../schemas/segment.ts'

/** One row per reject, in the given order. Without any headers there is no column for them, as in files of earlier versions. */
export function rejectColumns(rejects: readonly Reject[]): Columns {
  const hasHeaders = rejects.some(({ headers }) => headers !== undefined)
  return {
    rows: rejects.length,
    byName: {
      _partition: { type: 'int32', values: Int32Array.from(rejects, (r) => r.partition), valid: null },
      _offset: int64(rejects.map((r) => r.offset)),
      _timestamp: int64(rejects.map((r) => r.timestamp)),
      _key: strings(
        'binary',
        rejects.map((r) => r.key),
      ),
      value: strings(
        'binary',
        rejects.map((r) => r.value),
      ),
      ...(hasHeaders
        ? {
            _headers: strings(
              'binary',
              rejects.map((r) => r.headers ?? null),
            ),
          }
        : {}),
      reasons: strings(
        'utf8',
        rejects.map((r) => Buffer.from(JSON.stringify(r.reasons))),
      ),
    },
  }
}

/** The inverse of `rejectColumns`; keys, values and headers are views of the columns' bytes. */
export function rejectsOf({ rows, byName }: Columns): Reject[] {
  const { _partition, _offset, _timestamp, _key, value, _headers, reasons } = byName
  assert(_partition?.type === 'int32' && _offset?.type === 'int64' && _timestamp?.type === 'int64', 'a rejects file')
  assert(_key?.type === 'binary' && value?.type === 'binary' && reasons?.type === 'utf8', 'a rejects file')
  return Array.from({ length: rows }, (_, row) => ({
    partition: _partition.values[row]!,
    offset: Number(_offset.values[row]),
    timestamp: exactly(_timestamp.values[row]!),
    key: bytesAt(_key, row),
    value: bytesAt(value, row),
    ...headersAt(_headers, row),
    reasons: JSON.parse(new TextDecoder().decode(bytesAt(reasons, row)!)) as string[],
  }))
}

/** A number where that is exact. */
function exactly(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function headersAt(column: Column | undefined, row: number): Pick<Reject, 'headers'> {
  const headers = column?.type === 'binary' ? bytesAt(column, row) : null
  return headers === null ? {} : { headers }
}

function int64(numbers: readonly (number | bigint)[]): Column {
  return { type: 'int64', values: BigInt64Array.from(numbers, BigInt), valid: null }
}

function strings(type: 'utf8' | 'binary', items: readonly (Uint8Array | null)[]): Column {
  const offsets = new Int32Array(items.length + 1)
  const valid = new Uint8Array((items.length + 7) >> 3)
  for (const [row, item] of items.entries()) {
    offsets[row + 1] = offsets[row]! + (item?.length ?? 0)
    if (item !== null) valid[row >> 3]! |= 1 << (row & 7)
  }
  const bytes = Buffer.concat(items.filter((item) => item !== null))
  return { type, offsets, bytes, valid }
}

function bytesAt({ offsets, bytes, valid }: Extract<Column, { type: 'utf8' | 'binary' }>, row: number) {
  return isValid(valid, row) ? bytes.subarray(offsets[row], offsets[row + 1]) : null
}
