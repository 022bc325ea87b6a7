// Partitions with every kind of batch and compression, drawn at random, and what reading them must give.
import fc from 'fast-check'
import type { HoleKind } from '../../../schemas/segment.ts'
import type { RangeRead } from '../../../stream/broker.ts'
import type { FetchAnswer } from '../../../stream/kafka/fetch-response.ts'
import { answer, type BuiltRecord, buildBatch, controlBatch } from './batch-builder.ts'
import { COMPRESSORS, type Compressor, UNCOMPRESSED } from './compressors.ts'
import { sampleBytes } from './inflate/sample-bytes.ts'

interface DrawnBatch {
  readonly kind: 'records' | 'aborted' | 'control' | 'emptied'
  readonly records: readonly { readonly size: number; readonly missing: number }[]
  /** offsets at its end without a record */
  readonly tail: number
  readonly compressor: Compressor
}

export interface DrawnLog {
  readonly batches: readonly { readonly start: number; readonly end: number; readonly bytes: Buffer }[]
  /** with the offset behind the abort marker */
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number; readonly end: number }[]
  /** by offset */
  readonly entries: readonly (BuiltRecord | HoleKind)[]
}

const PRODUCER = 7
const VALUE_BYTES = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 300 }), weight: 8 },
  { arbitrary: fc.integer({ min: 0, max: 90_000 }), weight: 1 },
)

/** Up to six batches. */
export const drawnLog: fc.Arbitrary<DrawnLog> = fc
  .array(
    fc.record<DrawnBatch>({
      kind: fc.constantFrom('records', 'records', 'records', 'aborted', 'control', 'emptied'),
      records: fc.array(fc.record({ size: VALUE_BYTES, missing: fc.constantFrom(0, 0, 0, 1, 5) }), { maxLength: 8 }),
      tail: fc.constantFrom(0, 0, 1, 4),
      compressor: fc.constantFrom<Compressor>(UNCOMPRESSED, ...Object.values(COMPRESSORS)),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map(logOf)

function logOf(drawn: readonly DrawnBatch[]): DrawnLog {
  const batches: { start: number; end: number; bytes: Buffer }[] = []
  const aborted: { producerId: number; firstOffset: number; end: number }[] = []
  const entries: (BuiltRecord | HoleKind)[] = []
  const add = (start: number, bytes: Buffer): void => {
    if (entries.length > start) batches.push({ start, end: entries.length, bytes })
  }
  for (const { kind, records: sizes, tail, compressor } of drawn) {
    const start = entries.length
    const records = kind === 'records' || kind === 'aborted' ? recordsOf(sizes, entries) : []
    const extra = kind === 'control' ? tail + 1 : tail
    for (let i = 0; i < extra; i++) entries.push('compacted')
    const lastOffset = entries.length - 1
    if (kind === 'control' || kind === 'aborted') entries.fill(kind, start)
    if (kind === 'control') add(start, controlBatch(start, PRODUCER, 'commit', { lastOffset, compressor }))
    else if (kind === 'emptied')
      add(start, buildBatch({ baseOffset: start, lastOffset, records: [], compressor: UNCOMPRESSED }))
    else {
      const producer = kind === 'aborted' ? { producerId: PRODUCER, isTransactional: true } : {}
      add(start, buildBatch({ baseOffset: start, lastOffset, records, compressor, ...producer }))
    }
    if (kind !== 'aborted' || entries.length === start) continue
    entries.push('control')
    aborted.push({ producerId: PRODUCER, firstOffset: start, end: entries.length })
    add(lastOffset + 1, controlBatch(lastOffset + 1, PRODUCER, 'abort', { compressor }))
  }
  return { batches, aborted, entries }
}

/** Adds records and what is missing between them to the entries. */
function recordsOf(sizes: DrawnBatch['records'], entries: (BuiltRecord | HoleKind)[]): BuiltRecord[] {
  return sizes.map(({ size, missing }) => {
    for (let i = 0; i < missing; i++) entries.push('compacted')
    const offset = entries.length
    const record = { offset, key: offset % 3 === 0 ? null : `k${offset}`, value: sampleBytes(offset, size) }
    entries.push(record)
    return record
  })
}

/** What a broker answers: at most so many batches, from the one on that holds the offset. */
export function answerFrom({ batches, aborted }: DrawnLog, offset: number, count: number): FetchAnswer {
  const first = batches.findIndex(({ end }) => end > offset)
  const sent = first < 0 ? [] : batches.slice(first, first + count)
  const [from, to] = [sent[0]?.start ?? 0, sent.at(-1)?.end ?? 0]
  const overlapping = aborted.filter(({ firstOffset, end }) => firstOffset < to && end > from)
  return answer(
    sent.map(({ bytes }) => bytes),
    { aborted: overlapping },
  )
}

export interface ExpectedPiece extends RangeRead {
  readonly offsets: readonly number[]
}

const sizeOf = ({ key, value }: BuiltRecord): number => Buffer.byteLength(key ?? '') + (value?.length ?? 0)

/** The rule, as it is said: a piece ends behind the record that makes it maxBytes large. */
export function expectedPieces({ entries }: DrawnLog, start: number, maxBytes: number): ExpectedPiece[] {
  const pieces: ExpectedPiece[] = []
  let [offsets, bytes, holes]: [number[], number, RangeRead['holes'][number][]] = [[], 0, []]
  for (let offset = start; offset < entries.length; offset++) {
    const entry = entries[offset]!
    const last = holes.at(-1)
    if (typeof entry !== 'string') {
      offsets.push(offset)
      bytes += sizeOf(entry)
    } else if (last?.kind === entry && last.end === offset) holes.splice(-1, 1, { ...last, end: offset + 1 })
    else holes.push({ kind: entry, start: offset, end: offset + 1 })
    const isFull = typeof entry !== 'string' && bytes >= maxBytes
    if (!isFull && offset + 1 < entries.length) continue
    pieces.push({ end: offset + 1, holes, records: offsets.length, bytes, offsets })
    ;[offsets, bytes, holes] = [[], 0, []]
  }
  return pieces
}
