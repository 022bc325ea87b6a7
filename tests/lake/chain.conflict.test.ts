// Appends that meet other writers: one gapless chain, each commit once.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import { faultyStore, lost, ownExists, resetAfterSuccess, untouched } from './faulty-store.ts'

const CHAIN = 'tests/chain'
const open = (store: Store) => openChain<string>({ store, chain: CHAIN })

describe('append', () => {
  it('starts a chain without a parent', async () => {
    const link = await open(memoryStore()).append({ commitId: 'a', decide: () => 'first' })
    expect(link).toMatchObject({ entry: { version: 1, parent: null, commitId: 'a', change: 'first' }, committed: true })
  })

  it('links each entry to the one before', async () => {
    const store = memoryStore()
    const one = await open(store).append({ commitId: 'a', decide: () => 'first' })
    const two = await open(store).append({ commitId: 'b', decide: (head) => `after ${head?.entry.change}` })
    expect(two?.entry).toMatchObject({ version: 2, parent: one?.ref.sha256, change: 'after first' })
    expect(await open(store).head()).toEqual({ ref: two?.ref, entry: two?.entry })
  })

  it('keeps what was written, not the object', async () => {
    const store = memoryStore()
    const chain = openChain<{ n: number }>({ store, chain: CHAIN })
    const change = { n: 1 }
    await chain.append({ commitId: 'a', decide: () => change })
    change.n = 2
    expect((await chain.head())?.entry.change).toEqual({ n: 1 })
  })

  it('decides again after a foreign commit', async () => {
    const store = memoryStore()
    const seen: (string | undefined)[] = []
    const link = await open(store).append({
      commitId: 'mine',
      async decide(head) {
        seen.push(head?.entry.change)
        if (seen.length === 1) await open(store).append({ commitId: 'theirs', decide: () => 'foreign' })
        return 'own'
      },
    })
    expect(seen).toEqual([undefined, 'foreign'])
    expect(link?.entry).toMatchObject({ version: 2, commitId: 'mine' })
  })

  it('writes nothing when nothing is left', async () => {
    const store = memoryStore()
    const link = await open(store).append({
      commitId: 'mine',
      async decide(head) {
        if (head !== null) return null
        await open(store).append({ commitId: 'theirs', decide: () => 'same' })
        return 'same'
      },
    })
    expect(link).toBeNull()
    expect(await open(store).entries()).toHaveLength(1)
  })

  it('throws what decide throws, unwritten', async () => {
    const store = memoryStore()
    const decide = () => {
      throw new RangeError('no')
    }
    await expect(open(store).append({ commitId: 'a', decide })).rejects.toThrow(RangeError)
    expect(await open(store).head()).toBeNull()
  })

  it('gives up behind endless other writers', async () => {
    const store = memoryStore()
    let foreign = 0
    const rival = async () => {
      await open(store).append({ commitId: `theirs ${foreign++}`, decide: () => 'foreign' })
      return 'own'
    }
    const appending = open(store).append({ commitId: 'mine', decide: rival })
    await expect(appending).rejects.toMatchObject({ code: 'CHAIN_CONFLICT' })
  })
})

describe('many writers', () => {
  const fault = fc.constantFrom(resetAfterSuccess, ownExists, lost)
  const writer = fc.record({ commits: fc.integer({ min: 1, max: 4 }), faults: fc.array(fault, { maxLength: 2 }) })

  it('make one gapless chain of all commits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(writer, { minLength: 1, maxLength: 6 }), fc.scheduler(), async (writers, scheduler) => {
        const truth = memoryStore()
        // every request waits for its turn, and the turns come in any order
        const scheduled: Store = {
          ...truth,
          get: scheduler.scheduleFunction(truth.get),
          putIfAbsent: scheduler.scheduleFunction(truth.putIfAbsent),
        }
        const writing = writers.map(async ({ commits, faults }, who) => {
          const store = faultyStore(scheduled, {
            put: (real, ...call) => (faults.pop() ?? untouched)(real, ...call),
          })
          for (let i = 0; i < commits; i++)
            await open(store).append({ commitId: `${who}/${i}`, decide: () => `${who}/${i}` })
        })
        await scheduler.waitFor(Promise.all(writing))

        const entries = (await open(truth).entries()).map(({ entry }) => entry)
        expect(entries.map(({ version }) => version)).toEqual(entries.map((_, i) => i + 1))
        const expected = writers.flatMap(({ commits }, who) => Array.from({ length: commits }, (_, i) => `${who}/${i}`))
        expect(entries.map(({ commitId }) => commitId).sort()).toEqual(expected.sort())
      }),
      { numRuns: 150 },
    )
  })
})
