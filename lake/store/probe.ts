// Refuses a store whose conditional PUT races: on such a store two writers could both believe that they committed.
import { randomUUID } from 'node:crypto'
import { failure, isFailure } from '../../schemas/failures.ts'
import type { Store } from './store.ts'

const ROUNDS = 4

/**
 * one wins: as for single requests. overwrites: the server forgets the condition when an upload completes. refused: it takes no
 * such uploads, so objects above the store's limit cannot be written.
 */
export type MultipartState = 'one wins' | 'overwrites' | 'refused'

/**
 * How a store that sends everything by multipart upload behaves when `writers` create the same key. Overwriting is no reason to refuse
 * it: large objects are named by their content, and entries of chains are small. Throws STORE_UNAVAILABLE when the store does not answer.
 */
export async function probeMultipart(
  store: Store,
  { writers = 8 }: { readonly writers?: number } = {},
): Promise<MultipartState> {
  try {
    await probeStore(store, { writers, rounds: 1 })
    return 'one wins'
  } catch (error) {
    if (isFailure(error, 'STORE_RACES')) return 'overwrites'
    if (isFailure(error, 'STORE_REFUSED')) return 'refused'
    throw error
  }
}

/**
 * Lets `writers` create the same key at the same moment, a few rounds long. Exactly one may be told 'created', and its bytes must be there
 * afterwards; STORE_RACES otherwise. `bucket` names the store in that message. Leaves nothing behind.
 */
export async function probeStore(
  store: Store,
  {
    writers = 16,
    bucket = 'of this store',
    rounds = ROUNDS,
  }: { writers?: number; bucket?: string; rounds?: number } = {},
): Promise<void> {
  const run = randomUUID()
  for (let round = 0; round < rounds; round++) {
    const key = `probe/${run}/${round}`
    try {
      const winners = await race(store, { key, writers })
      if (winners !== 1) throw failure('STORE_RACES', { bucket, writers, winners })
    } finally {
      await store.delete(key)
    }
  }
}

/** Writers told 'created' whose bytes were found; a winner whose bytes were replaced makes it one too many. */
async function race(store: Store, { key, writers }: { key: string; writers: number }): Promise<number> {
  const bodies = Array.from({ length: writers }, (_, writer) => Buffer.from(`writer ${writer}`))
  await warmUp(store, writers)
  const outcomes = await Promise.all(bodies.map((body) => store.putIfAbsent(key, body)))
  const winners = outcomes.flatMap((outcome, writer) => (outcome === 'created' ? [writer] : []))
  const found = await store.get(key)
  const kept = winners.length === 1 && found !== undefined && Buffer.compare(found, bodies[winners[0]!]!) === 0
  return winners.length === 1 && !kept ? 2 : winners.length
}

/** The barrier: with a connection per writer open already, all PUTs leave together. */
async function warmUp(store: Store, writers: number): Promise<void> {
  await Promise.all(Array.from({ length: writers }, () => store.get('probe/absent')))
}
