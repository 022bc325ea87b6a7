// Which batches belong to aborted transactions: the filter of Kafka's Java consumer.

/** From the fetch response: the producer's records from `firstOffset` up to its abort marker were aborted. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** What the filter needs to know about a batch. */
export interface TransactionalBatch {
  readonly producerId: number
  readonly lastOffset: number
  readonly isTransactional: boolean
  /** type of the control record, if the batch holds one */
  readonly marker: 'commit' | 'abort' | undefined
}

export interface AbortedFilter {
  /** Shows the next batch in offset order; true when its records were aborted. */
  isAborted(batch: TransactionalBatch): boolean
}

/**
 * A filter for one fetch response: brokers list every aborted transaction that overlaps it, unsorted.
 * A transaction becomes active when a batch reaches its first offset, not one per record: kafkajs's own filter
 * leaks records of overlapping aborts (source: Java's CompletedFetch.nextFetchedRecord).
 */
export function abortedFilter(transactions: readonly AbortedTransaction[]): AbortedFilter {
  const waiting = transactions.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const active = new Set<number>()
  let next = 0
  return {
    isAborted({ producerId, lastOffset, isTransactional, marker }) {
      while (next < waiting.length && waiting[next]!.firstOffset <= lastOffset) active.add(waiting[next++]!.producerId)
      if (marker === 'abort') active.delete(producerId)
      return marker === undefined && isTransactional && active.has(producerId)
    },
  }
}
