// Reads exactly [start, end) of one partition, whatever the broker does meanwhile.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { failure } from '../../schemas/failures.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import type { RangeRead } from '../broker.ts'
import { offsetsLost, replicasBehind, wentBack } from '../range.ts'
import type { RecordSink } from '../record.ts'
import { offsetAfter, unreadable } from './batch.ts'
import { type Batches, closeBatches, decodeBatches, feed, openBatches } from './batches.ts'
import { mayPass } from './broker-errors.ts'
import type { FetchAnswer } from './fetch-response.ts'
import { explain, isComplete, type Ledger, openLedger, settle } from './gaps.ts'
import { INFLATE_SETTINGS, type InflateSettings } from './inflate/packed.ts'
import type { FetchRequest } from './kafkajs/link.ts'
import { patiently, pause, unlessAborted } from './patience.ts'

/** What a read asks of the partition's broker; errors as kafkajs throws them. */
export interface FetchLink {
  /** throws protocol errors of the whole request; those of the partition come as `errorCode` */
  fetch(request: FetchRequest): Promise<FetchAnswer>
  /** log start and last stable offset now */
  ends(partition: number): Promise<{ readonly logStart: number; readonly lastStableOffset: number }>
  /** where the log ends, beyond what may be read yet; null: the broker does not say */
  logEnd(partition: number): Promise<number | null>
  /** the topic's cleanup.policy, e.g. "delete" */
  cleanupPolicy(): Promise<string>
  refresh(): Promise<void>
  errorOf(code: number): Error
  /** for messages */
  readonly brokers: readonly string[]
}

export interface ReadSettings extends InflateSettings {
  /** bytes per fetch; 8 MiB measured faster than 1 and than 32 */
  readonly fetchBytes: number
  /** how long the broker may be away, or show no progress */
  readonly patienceMs: number
  /** how long an empty fetch waits at the broker */
  readonly maxWaitMs: number
}

export const READ_SETTINGS: ReadSettings = {
  ...INFLATE_SETTINGS,
  fetchBytes: 8 * 1024 * 1024,
  patienceMs: 60_000,
  maxWaitMs: 500,
}

export interface RangeToRead {
  readonly link: FetchLink
  readonly range: OffsetRange
  readonly signal?: AbortSignal | undefined
  /** of a piece */
  readonly maxBytes?: number | undefined
  readonly settings?: ReadSettings
}

/** A piece that is being read. */
interface Read {
  readonly link: FetchLink
  readonly ledger: Ledger
  readonly settings: ReadSettings
  readonly signal: AbortSignal | undefined
  readonly place: Place
}

/** Where the range is being read: kept from one piece to the next. */
interface Place {
  /** the answer that is being decoded; null: the next one is due */
  batches: Batches | null
  /** the offset behind its batches */
  after: number
  /** the answer for that offset, on its way */
  ahead: Promise<FetchAnswer | null>
}

const NOTHING_AHEAD: Promise<FetchAnswer | null> = Promise.resolve(null)
const OFFSET_OUT_OF_RANGE = 1
// empty answers in a row, none of them throttled, before a compacted log's end is believed to be empty
const EMPTY_ANSWERS = 3

/**
 * Delivers every record of the range once, in order, and explains every other offset. The next fetch is on its way while this one
 * is decoded. Between two pieces it stands still where the first one ended, in the middle of a batch too: nothing is fetched
 * or inflated a second time.
 * Throws BATCH_CORRUPT, BATCH_TOO_LARGE, BATCH_UNREADABLE, OFFSETS_ABSENT, OFFSETS_LOST, OFFSETS_WENT_BACK, RANGE_INCOMPLETE,
 * RECORD_TOO_LARGE, REPLICAS_BEHIND, kafkajs's error when the broker stays away for longer than the patience, the signal's reason,
 * and what the sink throws.
 */
export async function* readPieces({
  link,
  range,
  openSink,
  signal,
  maxBytes,
  settings = READ_SETTINGS,
}: RangeToRead & { readonly openSink: () => RecordSink }): AsyncGenerator<RangeRead, void, undefined> {
  const place: Place = { batches: null, after: range.start, ahead: NOTHING_AHEAD }
  try {
    for (let start = range.start; start < range.end; ) {
      const ledger = openLedger({ ...range, start }, maxBytes)
      const read: Read = { link, ledger, settings, signal, place }
      await readPiece(read, openSink())
      await checkAbsent(read)
      const piece = settle(ledger)
      start = piece.end
      yield piece
    }
  } finally {
    if (place.batches !== null) closeBatches(place.batches)
  }
}

async function readPiece(read: Read, sink: RecordSink): Promise<void> {
  const { ledger, signal, place } = read
  while (!isComplete(ledger)) {
    signal?.throwIfAborted()
    place.batches ??= await nextBatches(read)
    if (place.batches === null) return
    fetchAhead(read, place.batches)
    while (decodeBatches(place.batches, ledger, sink) === 'starved') {
      await feed(place.batches, signal)
      await takeTurn(signal)
    }
    if (!isComplete(ledger)) place.batches = null
    await takeTurn(signal)
  }
}

/** Heartbeats and other reads get their turn between two decodes. */
async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn()
  signal?.throwIfAborted()
}

/** The batches from the ledger's next offset on; null: what is left of the range is a hole. */
async function nextBatches(read: Read): Promise<Batches | null> {
  const { ledger, settings, signal, place } = read
  const { range, next } = ledger
  const first = (await unlessAborted(place.ahead, signal)) ?? (await fetchPatiently(read))
  place.ahead = NOTHING_AHEAD
  const answer = offsetAfter(first.batches, next) > next ? first : await seekProgress(read, first)
  if (answer === null) return null
  place.after = offsetAfter(answer.batches, next)
  return openBatches({ source: range, bytes: answer.batches, aborted: answer.aborted, settings })
}

/** Begins to fetch what follows the batches, where the piece will need it. One that fails is asked for again, patiently, when it is its turn. */
function fetchAhead(read: Read, { bytes, at }: Batches): void {
  const { ledger, place } = read
  const isWanted = place.after < ledger.range.end && ledger.bytes + bytes.length - at < ledger.maxBytes
  if (place.ahead === NOTHING_AHEAD && isWanted) place.ahead = fetchOnce(read, place.after).catch(() => null)
}

/** An answer for the ledger's next offset. */
async function fetchPatiently(read: Read): Promise<FetchAnswer> {
  const { link, ledger, settings, signal } = read
  return patiently(() => fetchOnce(read, ledger.next), {
    patienceMs: settings.patienceMs,
    signal,
    mayPass,
    recover: () => link.refresh(),
  })
}

async function fetchOnce({ link, ledger, settings }: Read, offset: number): Promise<FetchAnswer> {
  const { partition } = ledger.range
  const { fetchBytes: maxBytes, maxWaitMs } = settings
  const answer = await link.fetch({ partition, offset, maxBytes, maxWaitMs })
  if (answer.errorCode === OFFSET_OUT_OF_RANGE) throw await outOfRange(link, ledger, offset)
  if (answer.errorCode !== 0) throw link.errorOf(answer.errorCode)
  // retention may have removed what lies between: a hole there would look like compaction
  if (answer.logStart > offset) throw lost(ledger, offset, answer.logStart)
  return answer
}

/** The answer's own log start is −1 here, so the ends are asked for. Never reset: what is gone is gone. */
async function outOfRange(link: FetchLink, ledger: Ledger, offset: number): Promise<Error> {
  const { logStart, lastStableOffset } = await link.ends(ledger.range.partition)
  if (logStart > offset) return lost(ledger, offset, logStart)
  if (lastStableOffset < ledger.range.end) return shrunk(ledger, lastStableOffset)
  return link.errorOf(OFFSET_OUT_OF_RANGE)
}

const lost = ({ range: { topic, partition } }: Ledger, expected: number, logStart: number): Error =>
  offsetsLost({ topic, partition, expected, logStart })

const shrunk = ({ range: { topic, partition, end } }: Ledger, found: number): Error =>
  wentBack(topic, partition, end, found)

/**
 * After an answer without a whole batch: goes on asking, and returns the answer that has one; null when the rest is a hole.
 * Only a compacted log may end without any batch below the stable offset, when the cleaner emptied its last segments.
 */
async function seekProgress(read: Read, first: FetchAnswer): Promise<FetchAnswer | null> {
  const { link, ledger, settings, signal } = read
  const giveUpMs = performance.now() + settings.patienceMs
  let answer = first
  for (let empty = 1; ; empty++) {
    if (answer.batches.length > 0) {
      if (offsetAfter(answer.batches, ledger.next) > ledger.next) return answer
      throw unreadable(ledger.range, ledger.next, 'a whole batch', `${answer.batches.length} bytes without one`)
    }
    const isStable = answer.lastStableOffset >= ledger.range.end
    if (isStable && empty >= EMPTY_ANSWERS && isCompacted(await link.cleanupPolicy())) {
      explain(ledger, 'compacted', ledger.range.end)
      return null
    }
    if (performance.now() >= giveUpMs) throw isStable ? noProgress(read) : await unstable(read, answer)
    if (answer.throttleMs > 0) empty = 0
    await pause(Math.max(answer.throttleMs, IDLE_PAUSE_MS), signal)
    answer = await fetchPatiently(read)
  }
}

const IDLE_PAUSE_MS = 20

/** A range ends where offsets were stable once: they are gone, or a new leader waits for its replicas. */
async function unstable({ link, ledger }: Read, { lastStableOffset }: FetchAnswer): Promise<Error> {
  const { topic, partition, end } = ledger.range
  const logEnd = await link.logEnd(partition)
  if (logEnd !== null && logEnd >= end) return replicasBehind(topic, partition, end, lastStableOffset)
  return shrunk(ledger, lastStableOffset)
}

function noProgress({ link, ledger: { next, range } }: Read): Error {
  const detail = `no data for ${range.topic}/${range.partition} at offset ${next}, although the log is stable up to ${range.end}`
  return failure('BROKER_UNAVAILABLE', { brokers: link.brokers.join(', '), detail })
}

/** Absent offsets are compaction only in a topic that is compacted, and only where retention did not pass. */
async function checkAbsent({ link, ledger, settings, signal }: Read): Promise<void> {
  const absent = ledger.holes.find((hole) => hole.kind === 'compacted')
  if (absent === undefined) return
  const { topic, partition } = ledger.range
  const ask = { patienceMs: settings.patienceMs, signal, mayPass, recover: () => link.refresh() }
  const policy = await patiently(() => link.cleanupPolicy(), ask)
  if (!isCompacted(policy)) {
    throw failure('OFFSETS_ABSENT', { topic, partition, start: absent.start, end: absent.end, policy })
  }
  const { logStart } = await patiently(() => link.ends(partition), ask)
  if (logStart > absent.start) throw lost(ledger, absent.start, logStart)
}

const isCompacted = (policy: string): boolean => policy.split(',').some((word) => word.trim() === 'compact')
