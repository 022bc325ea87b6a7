// One step after another: hands out the steps of a feed, and has the next feed made when it is used up.
import assert from 'node:assert/strict'
import type { Tf } from '../../tf.ts'
import { disposeFeed, type Feed } from './feed.ts'
import type { Feeder, FeedPosition } from './feeder.ts'

/** What one step reads, and what is known of it without the device. */
export interface StepInputs {
  /** the step is number `index` of this feed */
  readonly feed: Feed
  readonly index: number
  /** rows of the matrix that it learns from */
  readonly rows: Int32Array
  /** learning rate */
  readonly rate: number
}

export interface Feeding {
  /** The inputs of this step: the one after the step before, unless the feed was left. */
  next(position: FeedPosition): StepInputs
  /** Frees the feed with the steps of it that were not taken. */
  leave(): void
}

export function openFeeding(tf: Tf, feeder: Feeder): Feeding {
  let open: { readonly feed: Feed; readonly first: number } | null = null
  const leave = (): void => {
    if (open !== null) disposeFeed(tf, open.feed)
    open = null
  }
  return {
    next(position) {
      const { step, order, start } = position
      if (open !== null && step === open.first + open.feed.indices.length) leave()
      open ??= { feed: feeder.next(position), first: step }
      const { feed, first } = open
      const index = step - first
      assert(index >= 0 && index < feed.indices.length, `step ${step} follows a feed of steps from ${first}`)
      return { feed, index, rows: order.subarray(start, start + feed.rows), rate: feed.rates[index]! }
    },
    leave,
  }
}
