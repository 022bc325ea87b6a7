// The ledger's fold, its refusals, and what concurrent writers leave behind.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendLedger, championAt, readLedger } from '../../lake/ledger.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { EMPTY_LEDGER, type LedgerChange } from '../../schemas/ledger.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const decision = (minute: number) => ({ by: 'ada', identity: 'stated', reason: 'because', at: at(minute) }) as const

const promoted = (model: string, replaces: string | null, minute = 0): LedgerChange => ({
  kind: 'promoted',
  model,
  evaluation: 'e',
  replaces,
  ...decision(minute),
})

const proposed = (model: string, minute = 0): LedgerChange => ({
  kind: 'proposed',
  model,
  evaluation: 'e',
  workflowId: `promote/p/${model}`,
  at: at(minute),
})

const append = (store: ReturnType<typeof memoryStore>, change: LedgerChange, commitId = JSON.stringify(change)) =>
  appendLedger(store, { pipeline: 'p', commitId, decide: () => change })

describe('ledger', () => {
  test('an empty ledger has no champion', async () => {
    expect(await readLedger(memoryStore(), 'p')).toEqual({ state: EMPTY_LEDGER, entries: [], head: null })
  })

  test('a promotion closes the question', async () => {
    const store = memoryStore()
    expect((await append(store, proposed('a'))).open).toEqual({ a: 'promote/p/a' })
    const state = await append(store, promoted('a', null))
    expect(state).toMatchObject({ champion: 'a', open: {}, previous: [] })
    expect((await append(store, promoted('b', 'a'))).previous).toEqual(['a'])
  })

  test('the same fact is written once', async () => {
    const store = memoryStore()
    for (const change of [proposed('a'), promoted('a', null)]) {
      await append(store, change, 'first')
      await append(store, change, `again ${change.kind}`)
      await append(store, change, `and again ${change.kind}`)
    }
    const { entries } = await readLedger(store, 'p')
    expect(entries.map(({ change }) => change.kind)).toEqual(['proposed', 'promoted'])
  })

  test('a stale promotion is refused', async () => {
    const store = memoryStore()
    await append(store, promoted('a', null))
    await expect(append(store, promoted('b', null))).rejects.toMatchObject({
      code: 'CHAMPION_CHANGED',
      facts: { expected: 'none', found: 'a' },
    })
    expect((await readLedger(store, 'p')).state.champion).toBe('a')
  })

  test('a rollback names what it replaces', async () => {
    const store = memoryStore()
    await append(store, promoted('a', null))
    await append(store, promoted('b', 'a'))
    const back: LedgerChange = { kind: 'rolledBack', model: 'a', replaces: 'b', ...decision(3) }
    expect((await append(store, back)).champion).toBe('a')
    await expect(append(store, { ...back, model: 'b', replaces: 'b' })).rejects.toMatchObject({
      code: 'CHAMPION_CHANGED',
    })
  })

  test('concurrent writers leave one gapless chain', async () => {
    const store = memoryStore()
    const names = Array.from({ length: 12 }, (_, i) => `m${i}`)
    await Promise.all(
      names.map((model) =>
        appendLedger(store, {
          pipeline: 'p',
          commitId: model,
          decide: ({ champion }) => promoted(model, champion),
        }),
      ),
    )
    const { entries, state } = await readLedger(store, 'p')
    expect(entries.map(({ version }) => version)).toEqual(names.map((_, i) => i + 1))
    expect([...state.previous, state.champion].sort()).toEqual([...names].sort())
  })

  test('every moment has its champion', () => {
    const story = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 })
    fc.assert(
      fc.property(story, (models) => {
        let live: string | null = null
        const entries = models.map((model, i) => {
          const entry = { version: i + 1, parent: null, commitId: `${i}`, change: promoted(model, live, i) }
          live = model
          return entry
        })
        expect(championAt(entries, at(models.length))).toBe(live)
        for (const [i, model] of models.entries()) expect(championAt(entries, at(i))).toBe(model)
        expect(championAt(entries, at(-1))).toBe(null)
      }),
    )
  })

  test('a candidate may be proposed again later', async () => {
    const store = memoryStore()
    const rejected: LedgerChange = { kind: 'rejected', model: 'a', ...decision(1) }
    for (const change of [proposed('a'), rejected]) await append(store, change)
    await append(store, rejected, 'said again')
    expect((await append(store, proposed('a'), 'asked again')).open).toEqual({ a: 'promote/p/a' })
    const { entries } = await readLedger(store, 'p')
    expect(entries.map(({ change }) => change.kind)).toEqual(['proposed', 'rejected', 'proposed'])
  })
})
