// Which model a rollback means, from what stands in the ledger; and the words where it means none.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import type { LedgerChange } from '../../../schemas/ledger.ts'
import { chooseTarget, liveOrder } from '../../../stages/promote/rollback-target.ts'

const digest = (name: string): string => sha256(name)
const [a, b, c, never] = ['a', 'b', 'c', 'never'].map(digest) as [string, string, string, string]
const at = '2026-03-01T12:00:00.000Z'
const decision = { by: 'ada', identity: 'stated', reason: 'good', at } as const

const promoted = (model: string): LedgerChange => ({
  kind: 'promoted',
  model,
  evaluation: 'e',
  replaces: null,
  ...decision,
})
const back = (model: string, replaces: string): LedgerChange => ({ kind: 'rolledBack', model, replaces, ...decision })

const ledger = (...changes: LedgerChange[]) =>
  changes.map((change, i) => ({ version: i + 1, parent: null, commitId: `${i}`, change }))

const choose = (changes: LedgerChange[], wanted: { to?: string; replaces?: string } = {}) =>
  chooseTarget(ledger(...changes), { pipeline: 'p', ...wanted }).target.model

function refusal(changes: LedgerChange[], wanted: { to?: string; replaces?: string } = {}): string {
  try {
    choose(changes, wanted)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ROLLBACK_REFUSED', facts: { pipeline: 'p' } })
    return (error as Error).message
  }
  return 'accepted'
}

const three = [promoted(a), promoted(b), promoted(c)]

describe('without a name', () => {
  test('it is the champion before', () => expect(choose(three)).toBe(b))

  test('twice goes back twice', () => expect(choose([...three, back(b, c)])).toBe(a))

  test('the first model has none before', () => {
    expect(refusal([promoted(a)])).toContain('it is the first')
    expect(refusal([promoted(a), promoted(b), back(a, b)])).toContain(`was rolled back (${b.slice(0, 12)})`)
  })

  test('an empty ledger has nothing to roll back', () => expect(refusal([])).toContain('no model in service'))

  test('what was rolled back is never meant', () => {
    const names = ['a', 'b', 'c', 'd'].map(digest)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { maxLength: 14 }), (story) => {
        const changes: LedgerChange[] = []
        const bad = new Set<string>()
        for (const [isBack, index] of story) {
          const order = liveOrder(ledger(...changes))
          const model = names[index]!
          const wasLive = changes.some((change) => change.model === model)
          if (model === order.at(-1) || wasLive !== isBack) continue
          changes.push(isBack ? back(model, order.at(-1)!) : promoted(model))
          // what is put back although it was rolled back undoes that: nothing is bad by it
          if (order.includes(model)) for (const gone of order.slice(order.indexOf(model) + 1)) bad.add(gone)
          bad.delete(model)
        }
        const order = liveOrder(ledger(...changes))
        expect(order.at(-1)).toBe(changes.at(-1)?.model)
        if (order.length > 1) expect(bad).not.toContain(choose(changes))
      }),
    )
  })
})

describe('a name', () => {
  test.each([
    ['the start of a digest', a.slice(0, 6), a],
    ['as it is printed elsewhere', ` SHA256:${a.toUpperCase()} `, a],
    ['the number of an entry', '1', a],
    ['the number as it is listed', '#2', b],
  ])('may be %s', (_what, to, model) => expect(choose(three, { to })).toBe(model))

  test.each([
    ['which no model has', 'ffffffff', 'no model of p starts with ffffffff: found'],
    ['of an entry that is not there', '9', 'has entries 1 to 3, found 9'],
    ['that is none', 'the old one', 'found "the old one"'],
    ['of the live model', c.slice(0, 12), 'is live already'],
  ])('%s is refused', (_what, to, words) => expect(refusal(three, { to })).toContain(words))

  test('may be digits alone and no number of an entry', () => {
    const decimal = '5057'.padEnd(64, 'a')
    const changes = [promoted(decimal), promoted(b), promoted(a)]
    expect(choose(changes, { to: '5057' })).toBe(decimal)
    expect(choose(changes, { to: '2' })).toBe(b)
    expect(refusal(changes, { to: '#5057' })).toContain('has entries 1 to 3, found 5057')
  })

  test('that several models begin with lists them', () => {
    const twins = ['abcd1', 'abcd2'].map((start) => start.padEnd(64, '0'))
    const words = refusal([...twins.map(promoted), promoted(a)], { to: 'abcd' })
    expect(words).toContain('several models of p start with abcd: found abcd10000000, abcd20000000')
  })

  test('of a candidate that never was live is refused in words', () => {
    const proposed: LedgerChange = { kind: 'proposed', model: never, evaluation: 'e', workflowId: 'w', at }
    const rejected: LedgerChange = { kind: 'rejected', model: never, ...decision, reason: 'too slow' }
    const expired: LedgerChange = { kind: 'expired', model: never, reason: 'nobody', at }
    expect(refusal([...three, proposed], { to: never })).toContain('sluice approve p --digest')
    expect(refusal([...three, rejected], { to: never })).toContain(
      'rejected by ada, Sun 1 Mar 2026, 12:00 UTC: too slow',
    )
    expect(refusal([...three, expired], { to: never })).toContain('never was live (expired)')
  })
})

test('whoever saw another champion is told which one it is now', () => {
  expect(choose(three, { replaces: c.slice(0, 12) })).toBe(b)
  expect(refusal(three, { replaces: b })).toMatch(/^you saw .{12} live, live is now .{12} \(approved by ada, Sun 1 Mar/)
})
