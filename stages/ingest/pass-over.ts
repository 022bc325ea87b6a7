// A person accepts that the log is another one: the lake keeps what it has, and reading goes on behind it.
import assert from 'node:assert/strict'
import { openChain } from '../../lake/chain.ts'
import type { HeadSnapshot } from '../../lake/snapshots/snapshots.ts'
import { isOtherTopic } from '../../lake/snapshots/topic-log.ts'
import type { Store } from '../../lake/store/store.ts'
import { failure } from '../../schemas/failures.ts'
import type { SnapshotChange, SnapshotRef, TopicLog } from '../../schemas/manifest.ts'
import type { LossAcceptance } from '../../schemas/segment.ts'
import type { Departure } from './departed-log.ts'

export interface PassOver {
  readonly store: Store
  /** that the departure was found with */
  readonly head: HeadSnapshot
  readonly departure: Departure
  /** the log as it is now */
  readonly log: TopicLog
  readonly accepted: LossAcceptance
  /** the same in every attempt */
  readonly commitId: string
}

/** Appends an entry without ranges to the chain. Throws CHAIN_CONFLICT when another run wrote meanwhile. */
export async function passOver({ store, head, departure, log, accepted, commitId }: PassOver): Promise<SnapshotRef> {
  const { chain: name, version, source } = head.snapshot
  const appended = await openChain<SnapshotChange>({ store, chain: name }).append({
    commitId,
    decide(newest) {
      if (newest?.entry.version !== version) throw failure('CHAIN_CONFLICT', { chain: name, version })
      const { coverage, rows, rejects, small } = newest.entry.change
      const after = logAccepted(newest.entry.change, { log, departure })
      const passedOver = [{ ...departure, accepted }]
      const kept = small === undefined ? {} : { small } // no range came or went
      return { kind: 'append', source, ranges: [], coverage, log: after, passedOver, rows, rejects, ...kept }
    },
  })
  assert(appended !== null, 'there is always a change to make')
  const { rows, rejects } = appended.entry.change
  return { ...appended.ref, source, rows, rejects }
}

/** Of a topic that was created again, the other partitions wait for an acceptance of their own. */
function logAccepted(
  { log: before, coverage }: SnapshotChange,
  { log: now, departure }: { readonly log: TopicLog; readonly departure: Departure },
): TopicLog {
  const waiting = isOtherTopic(before, now) ? coverage.map(({ partition }) => partition) : (before?.unaccepted ?? [])
  const unaccepted = waiting.filter((partition) => partition !== departure.partition)
  const known = before?.epochs ?? []
  const length = Math.max(known.length, now.epochs.length)
  const epochs = Array.from({ length }, (_, partition) => {
    if (unaccepted.includes(partition)) return -1
    return (partition === departure.partition ? now.epochs : known)[partition] ?? -1
  })
  return {
    topicId: now.topicId,
    epochs,
    ...(unaccepted.length === 0 ? {} : { unaccepted }),
    // partitions that nothing was read of begin at 0 in a topic that was created again
    ...(before?.began === undefined || isOtherTopic(before, now) ? {} : { began: before.began }),
  }
}
