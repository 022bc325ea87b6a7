// A slot under reload: nobody's model is taken away, a bad version never serves, looks do not pile up.
import { describe, expect, test } from 'vitest'
import { failure } from '../../schemas/failures.ts'
import { openSlot, type SlotEvent } from '../../serving/slot.ts'

interface FakeModel {
  readonly digest: string
  disposed: boolean
  dispose(): void
}

function world() {
  const state = {
    revision: '0',
    champion: null as string | null,
    loads: [] as string[],
    failWith: null as Error | null,
    models: new Map<string, FakeModel>(),
    events: [] as SlotEvent['kind'][],
  }
  const slot = openSlot<FakeModel>({
    pipeline: 'p',
    look: async () => ({ revision: state.revision, champion: state.champion }),
    load: async (digest) => {
      state.loads.push(digest)
      if (state.failWith !== null) throw state.failWith
      const model: FakeModel = {
        digest,
        disposed: false,
        dispose() {
          model.disposed = true
        },
      }
      state.models.set(digest, model)
      return model
    },
    onEvent: ({ kind }) => state.events.push(kind),
  })
  const promote = (digest: string | null) => {
    state.champion = digest
    state.revision = String(Number(state.revision) + 1)
    return slot.refresh()
  }
  return { slot, state, promote }
}

describe('slot', () => {
  test('without a champion it says so', async () => {
    const { slot } = world()
    await slot.refresh()
    expect(slot.settled()).toBe(true)
    await expect(slot.use(() => 1)).rejects.toMatchObject({ code: 'NO_CHAMPION' })
  })

  test('work in flight keeps its model', async () => {
    const { slot, state, promote } = world()
    await promote('a')
    const gate = Promise.withResolvers<void>()
    const work = slot.use(async (model) => {
      await gate.promise
      return { digest: model.digest, disposed: model.disposed }
    })
    await promote('b')
    expect(slot.live()).toBe('b')
    expect(state.models.get('a')!.disposed).toBe(false)
    gate.resolve()
    expect(await work).toEqual({ digest: 'a', disposed: false })
    expect(state.models.get('a')!.disposed).toBe(true)
  })

  test('a bad version leaves the old in service', async () => {
    const { slot, state, promote } = world()
    await promote('a')
    state.failWith = failure('MODEL_INVALID', { model: 'b', expected: 'x', found: 'y' })
    await promote('b')
    await slot.refresh()
    await slot.refresh()
    expect(slot.live()).toBe('a')
    expect(slot.settled()).toBe(false)
    expect(state.loads).toEqual(['a', 'b'])
    expect(state.events).toEqual(['loaded', 'refused'])
  })

  test('a store that is away is asked again', async () => {
    const { slot, state, promote } = world()
    state.failWith = failure('STORE_UNAVAILABLE', { operation: 'GET', key: 'k', detail: 'away' })
    await promote('a')
    await slot.refresh()
    state.failWith = null
    await slot.refresh()
    expect(slot.live()).toBe('a')
    expect(state.events).toEqual(['failed', 'failed', 'loaded'])
  })

  test('an unchanged ledger loads nothing', async () => {
    const { slot, state, promote } = world()
    await promote('a')
    for (let i = 0; i < 5; i++) await slot.refresh()
    expect(state.loads).toEqual(['a'])
  })

  test('a rejected candidate does not reload', async () => {
    const { state, promote } = world()
    await promote('a')
    await promote('a')
    expect(state.loads).toEqual(['a'])
  })

  test('looks at the same time are one', async () => {
    const { slot, state, promote } = world()
    await Promise.all([promote('a'), slot.refresh(), slot.refresh()])
    expect(state.loads).toEqual(['a'])
  })

  test('closing frees the model', async () => {
    const { slot, state, promote } = world()
    await promote('a')
    slot.close()
    expect(state.models.get('a')!.disposed).toBe(true)
  })
})
