// A thread's link to the main thread: its writes to the store go through there, and so does its end.
import { AssertionError, fail } from 'node:assert'
import type { MessagePort } from 'node:worker_threads'
import type { Store } from '../../lake/store/store.ts'
import { type FailureCode, type FailureFacts, failure, isFailure } from '../../schemas/failures.ts'
import type { RangeResult } from '../../schemas/segment.ts'

/** Errors lose their class between threads, so they travel as data. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode; readonly facts: FailureFacts }
  | { readonly ok: false; readonly isAssertion: boolean; readonly message: string; readonly stack: string }

export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (isFailure(error)) return { ok: false, code: error.code, facts: error.facts }
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    return { ok: false, isAssertion: error instanceof AssertionError, message, stack }
  }
}

/** The value, or the error as it was thrown in the other thread. */
export function resultOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  if ('code' in outcome) throw failure(outcome.code, outcome.facts)
  const { message, stack, isAssertion } = outcome
  throw Object.assign(isAssertion ? new AssertionError({ message }) : new Error(message), { stack })
}

interface PutRequest {
  readonly id: number
  readonly key: string
  readonly bytes: Uint8Array
}

interface PutAnswer {
  readonly id: number
  readonly outcome: Outcome<'created' | 'exists'>
}

interface PieceTold {
  readonly piece: RangeResult
}

/** The main thread's end: does the writes that come through `port`, and hears of every piece that is in the store. */
export function serveStore(
  port: MessagePort,
  store: Pick<Store, 'putIfAbsent'>,
  onPiece?: (piece: RangeResult) => void,
): void {
  port.on('message', async (message: PutRequest | PieceTold) => {
    if ('piece' in message) return onPiece?.(message.piece)
    const { id, key, bytes } = message
    const outcome = await outcomeOf(() => store.putIfAbsent(key, bytes))
    ;(bytes.buffer as ArrayBuffer).transfer(0) // frees them now: this thread makes little garbage, so it rarely collects any
    port.postMessage({ id, outcome } satisfies PutAnswer)
  })
}

/** The thread's end: a piece of its range is in the store. */
export function tellPiece(port: MessagePort, piece: RangeResult): void {
  port.postMessage({ piece } satisfies PieceTold)
}

/** The thread's end: a store that can only create objects. Their bytes move to the main thread and are gone here. */
export function storeThrough(port: MessagePort): Store {
  const waiting = new Map<number, (answer: PutAnswer) => void>()
  let lastId = 0
  port.on('message', (answer: PutAnswer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  return {
    async putIfAbsent(key, bytes) {
      const id = ++lastId
      const { promise, resolve } = Promise.withResolvers<PutAnswer>()
      waiting.set(id, resolve)
      const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
      port.postMessage({ id, key, bytes: whole } satisfies PutRequest, [whole.buffer as ArrayBuffer])
      return resultOf((await promise).outcome)
    },
    get: () => fail('an ingest thread reads no objects'),
    list: () => fail('an ingest thread lists no objects'),
    delete: () => fail('an ingest thread deletes no objects'),
  }
}
