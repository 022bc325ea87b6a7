// One fetch response → records and explained holes, from where the last piece of the range ended.
import assert from 'node:assert/strict'
import type { HoleKind } from '../../schemas/segment.ts'
import type { RecordSink } from '../record.ts'
import { type AbortedFilter, type AbortedTransaction, abortedFilter } from './aborted.ts'
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  readBatchHeader,
  type Source,
  unreadable,
  wholeBatchLength,
} from './batch.ts'
import { explain, isComplete, type Ledger } from './gaps.ts'
import { type Chunks, inflate } from './inflate/inflate.ts'
import type { InflateSettings } from './inflate/packed.ts'
import { unlessAborted } from './patience.ts'
import { bytesOfNext, emptyRecord, overrun, type RecordReader, readRecord } from './records.ts'
import { append, windowOf } from './window.ts'

/*
 * Key of a control record => version type:  INT16, INT16 (0 abort, 1 commit)
 */
const ABORT_MARKER = 0

/** A place in a fetch response. */
export interface Batches {
  readonly source: Source
  /** whole batches; a cut one at the end is ignored */
  readonly bytes: Buffer
  /** of the next batch */
  at: number
  readonly filter: AbortedFilter
  readonly settings: InflateSettings
  /** the batch that is being read */
  open: OpenBatch | null
}

interface OpenBatch extends RecordReader {
  /** what follows the window; null: nothing */
  chunks: Chunks | null
  /** records that are still to be read */
  left: number
  /** records below it are not wanted */
  readonly from: number
  /** what its offsets without a record are; undefined: a control batch whose record was not read yet */
  hole: HoleKind | undefined
}

export function openBatches(response: {
  readonly source: Source
  readonly bytes: Buffer
  readonly aborted: readonly AbortedTransaction[]
  readonly settings: InflateSettings
}): Batches {
  const { source, bytes, aborted, settings } = response
  return { source, bytes, at: 0, filter: abortedFilter(aborted), settings, open: null }
}

/**
 * Delivers records to `sink` and accounts for their offsets in the ledger, up to the ledger's or the response's end.
 * starved: it stands before bytes that `feed` has to bring first.
 * Throws BATCH_CORRUPT, BATCH_TOO_LARGE, BATCH_UNREADABLE, RECORD_TOO_LARGE, and what the sink throws.
 */
export function decodeBatches(batches: Batches, ledger: Ledger, sink: RecordSink): 'ended' | 'starved' {
  for (;;) {
    if (isComplete(ledger) && !isDue(batches.open, ledger)) return 'ended'
    batches.open ??= openNext(batches, ledger)
    const { open } = batches
    if (open === null) return 'ended'
    const outcome = open.hole === undefined ? readMarker(open, batches.filter) : deliver(open, ledger, sink)
    if (outcome === 'starved') return 'starved'
    if (isComplete(ledger)) continue // what the batch still has is of the next piece
    const { baseOffset, lastOffset } = open.batch
    explain(ledger, 'compacted', baseOffset)
    explain(ledger, open.hole!, lastOffset + 1) // a compacted tail is a hole, not a reason to ask again
    batches.open = null
  }
}

/** Inflates what the open batch stands before. */
export async function feed({ open }: Batches, signal: AbortSignal | undefined): Promise<void> {
  assert(open !== null && open.chunks !== null, 'only a batch with chunks is starved')
  const next = await unlessAborted(open.chunks.next(), signal)
  if (next.done === true) {
    open.chunks = null
    return
  }
  append(open.window, next.value, bytesOfNext(open.window))
  open.record.bytes = open.window.bytes
}

/** Ends the inflation of a batch that is not read to its end. */
export function closeBatches({ open }: Batches): void {
  if (open !== null) dropChunks(open)
}

function dropChunks(open: OpenBatch): void {
  open.chunks?.return().catch(() => {}) // of no use any more, so neither is its failure
  open.chunks = null
}

/** Whether a batch must be read on although the ledger has what it wants: one that is to end here must end as it says. */
function isDue(open: OpenBatch | null, { range, next }: Ledger): boolean {
  if (open === null) return false
  if (open.left === 0) return open.chunks !== null
  return next >= range.end && open.batch.lastOffset < range.end
}

/** The next batch that counts; null: the response has no more whole ones. */
function openNext(batches: Batches, ledger: Ledger): OpenBatch | null {
  const { source, bytes, filter } = batches
  for (;;) {
    const { at } = batches
    const length = wholeBatchLength(bytes, at)
    if (length === undefined) return null
    const batch = readBatchHeader(bytes, at, length, source)
    batches.at += length
    const body = bytes.subarray(at + BATCH_HEADER_BYTES, at + length)
    if (batch.isControl) return openBatch({ batches, batch, body, hole: undefined, from: 0 })
    const isAborted = filter.isAborted({ ...batch, marker: undefined })
    if (batch.lastOffset < ledger.next) continue
    explain(ledger, 'compacted', batch.baseOffset)
    const hole = isAborted ? 'aborted' : 'compacted'
    return openBatch({ batches, batch, body: isAborted || isComplete(ledger) ? null : body, hole, from: ledger.next })
  }
}

function openBatch(options: {
  readonly batches: Batches
  readonly batch: BatchHeader
  /** null: its records are not wanted */
  readonly body: Buffer | null
  readonly hole: HoleKind | undefined
  readonly from: number
}): OpenBatch {
  const { batches, batch, body, hole, from } = options
  const { source, settings } = batches
  const { baseOffset: offset, codec } = batch
  // the log cleaner leaves nothing of a batch that it emptied, not even what its codec writes for nothing
  const isEmpty = body === null || (batch.recordCount === 0 && body.length === 0)
  const inflated = isEmpty ? NOTHING : inflate({ ...source, offset, codec, bytes: body }, settings)
  const [whole, chunks] = Buffer.isBuffer(inflated) ? [inflated, null] : [NOTHING, inflated]
  return {
    source,
    batch,
    maxRecordBytes: settings.maxRecordBytes,
    window: windowOf(whole),
    record: emptyRecord(whole),
    chunks,
    left: body === null ? 0 : batch.recordCount,
    from,
    hole,
  }
}

const NOTHING = Buffer.alloc(0)

/** Of a control batch only the first record is read, and only so much inflated. */
function readMarker(open: OpenBatch, filter: AbortedFilter): 'done' | 'starved' {
  const { batch, record, source } = open
  // emptied by the cleaner, which keeps abort markers as long as they matter
  if (batch.recordCount > 0) {
    if (!readRecord(open)) return starved(open)
    if (record.keyLength < 4) throw unreadable(source, batch.baseOffset, 'a control record', 'a key of other length')
  }
  const isAbort = batch.recordCount > 0 && record.bytes.readInt16BE(record.keyStart + 2) === ABORT_MARKER
  filter.isAborted({ ...batch, marker: isAbort ? 'abort' : 'commit' })
  open.hole = 'control'
  dropChunks(open)
  return 'done'
}

/** stopped: the ledger is complete before the batch is. */
function deliver(open: OpenBatch, ledger: Ledger, sink: RecordSink): 'done' | 'stopped' | 'starved' {
  const { source, batch, record, window, from } = open
  const { range } = ledger
  while (open.left > 0) {
    if (!readRecord(open)) return starved(open)
    open.left--
    if (record.offset < from) continue // the batch began before what was asked for
    if (record.offset < ledger.next) throw unreadable(range, record.offset, 'ascending offsets', record.offset)
    if (record.offset > ledger.next) explain(ledger, 'compacted', record.offset)
    if (record.offset >= range.end) {
      if (batch.lastOffset < range.end)
        throw unreadable(range, record.offset, `offsets to ${batch.lastOffset}`, record.offset)
      return 'stopped'
    }
    sink(record)
    ledger.next++
    ledger.records++
    ledger.bytes += Math.max(record.keyLength, 0) + Math.max(record.valueLength, 0)
    if (ledger.bytes >= ledger.maxBytes && open.left > 0) return 'stopped'
  }
  const rest = window.end - window.at
  if (rest > 0) throw unreadable(source, batch.baseOffset, `${batch.recordCount} records`, `${rest} bytes more`)
  return open.chunks === null ? 'done' : 'starved'
}

function starved(open: OpenBatch): 'starved' {
  if (open.chunks === null) throw overrun(open)
  return 'starved'
}
