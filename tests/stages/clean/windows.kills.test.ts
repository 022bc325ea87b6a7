// Cleaning that is killed at any write: the next attempt goes on, and the dataset is the same.
import { expect, test } from 'vitest'
import type { Store } from '../../../lake/store/store.ts'
import { faultyStore } from '../../lake/faulty-store.ts'
import { clean, commit, openSource } from './grown-source.ts'

const TWICE = Array.from({ length: 120 }, (_, i) => ({
  partition: i % 2,
  id: i % 50,
  time: (i * 7) % 13,
  isBroken: i % 31 === 3,
}))

/** A store that dies at a write: that one and all later ones never arrive. */
function dyingAt(store: Store, write: number): Store & { writes(): number } {
  let count = 0
  const dying = faultyStore(store, {
    put(real, ...call) {
      if (count++ >= write) throw new Error('killed')
      return real(...call)
    },
  })
  return { ...dying, writes: () => count }
}

async function source() {
  const twins = await openSource()
  await commit(twins, TWICE.slice(0, 60), 'run-0')
  return { store: twins.store, snapshot: await commit(twins, TWICE.slice(60), 'run-1') }
}

test('an attempt goes on where the one before was killed', async () => {
  const { store, snapshot } = await source()
  const whole = await clean((await source()).store, snapshot, null)
  const counting = dyingAt((await source()).store, Number.POSITIVE_INFINITY)
  await clean(counting, snapshot, 'code')
  let killed = 0
  let writes = 0
  // each attempt gets 23 writes further, whatever it is at
  for (let finished = false; !finished; ) {
    const dying = dyingAt(store, 23)
    finished = await clean(dying, snapshot, 'code').then(
      (dataset) => {
        expect(dataset).toEqual(whole)
        return true
      },
      (error: Error) => {
        expect(error.message).toBe('killed')
        killed++
        return false
      },
    )
    writes += dying.writes()
  }
  expect(killed).toBeGreaterThan(10)
  // what was begun by each is done again, and no more
  expect(writes).toBeLessThan(1.5 * counting.writes())
})

test('a kill at any write loses nothing', async () => {
  const fresh = await source()
  const whole = await clean(fresh.store, fresh.snapshot, null)
  const counting = dyingAt(fresh.store, Number.POSITIVE_INFINITY)
  await clean(counting, fresh.snapshot, 'code')
  for (let write = 0; write < counting.writes(); write += 17) {
    const { store, snapshot } = await source()
    await expect(clean(dyingAt(store, write), snapshot, 'code')).rejects.toThrow('killed')
    expect(await clean(store, snapshot, 'code')).toEqual(whole)
  }
})
