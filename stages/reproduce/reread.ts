// The ranges of a snapshot, read from Kafka again and compared with the files of the lake, byte by byte.
import { sha256 } from '../../core/digest.ts'
import type { PersonalKey } from '../../core/personal-key.ts'
import { encodeColumns } from '../../lake/columns/arrow.ts'
import { concatColumns } from '../../lake/columns/concat-columns.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { rejectColumns } from '../../lake/snapshots/reject-columns.ts'
import type { Store } from '../../lake/store/store.ts'
import { personalOf } from '../../schemas/columns.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { RangeResult, Reject, SegmentRef } from '../../schemas/segment.ts'
import type { Broker, PartitionEnds } from '../../stream/broker.ts'
import { readColumnsOfRange } from '../../stream/ingest.ts'
import type { SchemaRegistry } from '../../stream/schema-registry.ts'
import { protectRows } from '../ingest/personal.ts'
import { sourceOf } from '../ingest/source.ts'
import type { Origin } from './origin.ts'

export interface KafkaClients {
  readonly broker: Broker
  readonly registry: SchemaRegistry | null
  readonly personalKey: PersonalKey | undefined
}

export interface Reread {
  /** ranges that were read again and are the same */
  readonly same: number
  /** ranges that are taken as the lake has them, and why: a line each, of many the first */
  readonly notRead: number
  readonly why: readonly string[]
  /** the first range that is another one now */
  readonly different: { readonly where: string; readonly expected: string; readonly found: string } | null
}

export interface RereadOptions {
  /** null: nobody asked for it */
  readonly kafka: KafkaClients | null
  /** told how many ranges were looked at */
  readonly onRange: (done: number) => void
}

/** One range is in memory at a time. */
export async function rereadRanges(store: Store, origin: Origin, { kafka, onRange }: RereadOptions): Promise<Reread> {
  const { ranges } = origin
  const ends = kafka === null ? 'Kafka was not asked' : await endsOf(origin, kafka)
  if (kafka === null || typeof ends === 'string') {
    return { same: 0, notRead: ranges.length, why: [String(ends)], different: null }
  }
  const why = new Set<string>()
  let same = 0
  for (const [index, result] of ranges.entries()) {
    onRange(index)
    const gone = isGone(result, ends.get(result.range.partition)) ?? ofFormerLog(result, origin)
    if (gone !== null) {
      why.add(gone)
      continue
    }
    const different = await compareRange(store, { origin, kafka, result })
    if (different !== null) return { same, notRead: ranges.length - same, why: [...why], different }
    same++
  }
  return { same, notRead: ranges.length - same, why: [...why], different: null }
}

/** By partition. A text: why the topic is not the log that the snapshot was read from, or cannot be asked. */
async function endsOf(origin: Origin, kafka: KafkaClients): Promise<ReadonlyMap<number, PartitionEnds> | string> {
  const { change, plan } = origin
  const { source, log } = change
  if (sourceOf(plan, '').id !== source.id) return 'the file reads another source now'
  const isPersonal = plan.columns.some((column) => personalOf(column) !== undefined)
  if (isPersonal && kafka.personalKey?.id !== source.personalKey) {
    return 'the key of its personal data is not set here (SLUICE_PERSONAL_KEY)'
  }
  try {
    const { broker } = kafka
    if ((await broker.clusterId()) !== source.clusterId) return 'this is another Kafka cluster'
    const { topicId } = await broker.topicLog(source.topic)
    if (log?.topicId != null && log.topicId !== topicId) return 'the topic was deleted and created again since'
    return new Map((await broker.topicEnds(source.topic)).map((each) => [each.partition, each]))
  } catch (error) {
    if (isFailure(error, 'TOPIC_UNKNOWN')) return `there is no topic ${source.topic} any more`
    if (isFailure(error, 'BROKER_UNAVAILABLE')) return 'Kafka does not answer'
    throw error
  }
}

function isGone({ range }: RangeResult, ends: PartitionEnds | undefined): string | null {
  if (ends !== undefined && range.start >= ends.logStart && range.end <= ends.lastStableOffset) return null
  const now = ends === undefined ? 'is gone' : `holds [${ends.logStart}, ${ends.lastStableOffset}) now`
  return `partition ${range.partition} ${now}`
}

/** Where a topic was created again or cut, and somebody accepted it: the same offsets, other records. */
function ofFormerLog({ range }: RangeResult, { passedOver }: Origin): string | null {
  const { partition, start, end } = range
  const isFormer = passedOver.some((each) => each.partition === partition && each.start < end && start < each.end)
  return isFormer ? `partition ${partition} was read from the topic before it was created again or cut` : null
}

interface Compared {
  readonly origin: Origin
  readonly kafka: KafkaClients
  readonly result: RangeResult
}

async function compareRange(store: Store, { origin, kafka, result }: Compared): Promise<Reread['different']> {
  const { plan } = origin
  const { range } = result
  const { broker, registry, personalKey } = kafka
  const { columns, source } = plan
  const batches = []
  const rejects: Reject[] = []
  const options = { broker, range, columns, source, registry, maxBytes: Number.MAX_SAFE_INTEGER }
  for await (const piece of readColumnsOfRange(options)) {
    const { columns: rows, rejects: more } = protectRows(piece, plan, personalKey)
    if (rows !== null) batches.push(rows)
    rejects.push(...more)
  }
  const rows =
    batches.length === 0 ? null : sha256(encodeColumns(batches.length === 1 ? batches[0]! : concatColumns(batches)))
  const left = rejects.length === 0 ? null : sha256(encodeColumns(rejectColumns(rejects)))
  const where = `partition ${range.partition}, offsets [${range.start}, ${range.end})`
  const files = [
    { what: 'rows', file: result.segment, found: rows },
    { what: 'rejects', file: result.rejects, found: left },
  ]
  for (const { what, file, found } of files) {
    const expected = await contentDigest(store, file, found)
    if (expected !== found)
      return { where: `${what} of ${where}`, expected: expected ?? 'none', found: found ?? 'none' }
  }
  return null
}

/** Of the file as it would be without compression, which changes the bytes and nothing of what they hold. */
async function contentDigest(
  store: Store,
  file: Pick<SegmentRef, 'key' | 'sha256'> | null,
  found: string | null,
): Promise<string | null> {
  if (file === null || file.sha256 === found) return file?.sha256 ?? null
  return sha256(encodeColumns(await readColumns(store, file)))
}
