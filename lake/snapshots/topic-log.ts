// Which log the coverage of a chain was read from, carried from entry to entry. Pure.
import type { SnapshotChange, TopicLog } from '../../schemas/manifest.ts'

/** True when both are known and the topic was created again between them. */
export function isOtherTopic(before: TopicLog | undefined, now: Pick<TopicLog, 'topicId'> | undefined): boolean {
  if (before?.topicId == null || now?.topicId == null) return false
  return before.topicId !== now.topicId
}

/**
 * After a commit of ranges of the `read` partitions from `log`: their epochs are the log's, those of the others stay.
 * Where nothing was known, what is found now is believed.
 */
export function logAfter(
  head: Pick<SnapshotChange, 'log'> | null,
  { log, read }: { readonly log: TopicLog | undefined; readonly read: ReadonlySet<number> },
): TopicLog | undefined {
  const before = head?.log
  if (log === undefined || before === undefined) return log ?? before
  const length = Math.max(before.epochs.length, log.epochs.length)
  const epochs = Array.from({ length }, (_, partition) => {
    const { epochs: source } = read.has(partition) ? log : before
    return source[partition] ?? -1
  })
  return { ...before, topicId: log.topicId ?? before.topicId, epochs }
}
