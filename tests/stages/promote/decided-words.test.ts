// What a run says of a candidate that nobody is asked about any more, and how it can be decided otherwise.
import { expect, test } from 'vitest'
import { sha256 } from '../../../core/digest.ts'
import type { LedgerChange } from '../../../schemas/ledger.ts'
import { decidedWords } from '../../../stages/promote/decided-words.ts'

const [a, b] = ['a', 'b'].map(sha256) as [string, string]
const decision = { by: 'ada', identity: 'stated', reason: 'odd', at: '2026-03-01T12:00:00.000Z' } as const
const promoted = (model: string, replaces: string | null): LedgerChange => ({
  kind: 'promoted',
  model,
  evaluation: 'e',
  replaces,
  ...decision,
})
const words = (model: string, ...changes: LedgerChange[]) =>
  decidedWords(
    changes.map((change, i) => ({ version: i + 1, parent: null, commitId: `${i}`, change })),
    { pipeline: 'p', model },
  )

test('a rejection names who, when, why, and how to ask again', () => {
  expect(words(a, { kind: 'rejected', model: a, ...decision })).toBe(
    'rejected by ada, Sun 1 Mar 2026, 12:00 UTC: odd; `sluice run p --ask-again` asks once more',
  )
})

test('a model that was rolled back is known as such', () => {
  const back: LedgerChange = { kind: 'rolledBack', model: a, replaces: b, ...decision }
  expect(words(b, promoted(a, null), promoted(b, a), back)).toBe(
    `it was live, and rolled back by ada, Sun 1 Mar 2026, 12:00 UTC: odd; \`sluice rollback p --to ${b.slice(0, 12)} --reason "…"\` puts it back`,
  )
})

test('a model that another took the place of is known as such', () => {
  expect(words(a, promoted(a, null), promoted(b, a))).toContain('it was live, and another was approved by ada')
})

test('what is live, waits or is unknown is not decided', () => {
  const proposed: LedgerChange = { kind: 'proposed', model: b, evaluation: 'e', workflowId: 'w', at: decision.at }
  expect([words(a, promoted(a, null)), words(b, proposed), words(b)]).toEqual([null, null, null])
})
