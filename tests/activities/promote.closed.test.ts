// A question is put once and closed once, however often a workflow that was reset, ended or started again asks for it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLedger } from '../../lake/ledger.ts'
import type { DecisionRecord } from '../../stages/promote/ledger-changes.ts'
import { aModel } from '../workflows/builders.ts'
import { openTwins } from './twins.ts'

const at = '2026-01-02T03:04:05.000Z'
const model = aModel('this').digest
const newer = aModel('newer').digest

const proposal = (commitId: string, of = model) => ({
  pipeline: 'demo',
  model: of,
  evaluation: 'e',
  workflowId: `promote/demo/${of}`,
  at,
  commitId,
})

const record = (state: DecisionRecord['state'], changes: Partial<DecisionRecord> = {}): DecisionRecord => ({
  pipeline: 'demo',
  model,
  evaluation: 'e',
  replaces: null,
  at,
  commitId: `${state} of ${changes.by ?? 'Ada'}`,
  state,
  by: 'Ada',
  reason: 'because',
  via: 'update',
  ...changes,
})

function openLedger() {
  const { activities, store } = openTwins()
  const kinds = async () => (await readLedger(store, 'demo')).entries.map(({ change }) => change.kind)
  return { ...activities, kinds, state: async () => (await readLedger(store, 'demo')).state }
}

test.each(['approved', 'rejected', 'expired', 'withdrawn', 'outdated'] as const)('%s is the end', async (state) => {
  const { putQuestion, recordDecision, kinds } = openLedger()
  expect(await putQuestion(proposal('first'))).toEqual({ older: [], ended: null })
  await recordDecision(record(state))
  await recordDecision(record(state)) // again, as a retry or a reset run does
  const before = await kinds()
  const kept = state === 'outdated' ? 'superseded' : state
  for (const other of ['approved', 'rejected', 'expired', 'withdrawn', 'superseded'] as const) {
    await expect(recordDecision(record(other, { by: 'Bo' })), other).rejects.toMatchObject({
      code: 'QUESTION_CLOSED',
      facts: { state: kept, by: state === 'approved' || state === 'rejected' ? 'Ada' : 'sluice', reason: 'because' },
    })
  }
  expect(await putQuestion(proposal('first'))).toMatchObject({ ended: { state: kept, via: 'ledger' } })
  expect(await kinds()).toEqual(before)
})

test.each([
  ['', /is closed: approved by Ada$/],
  ['better', /is closed: approved by Ada \(better\)$/],
])('the end is told with its reason, if it has one: "%s"', async (reason, words) => {
  const { putQuestion, recordDecision } = openLedger()
  await putQuestion(proposal('first'))
  await recordDecision(record('approved', { reason }))
  await expect(recordDecision(record('rejected', { by: 'Bo' }))).rejects.toThrow(words)
})

test.each(['approved', 'rejected'] as const)('nobody is asked again about what was %s', async (state) => {
  const { putQuestion, recordDecision, kinds } = openLedger()
  await putQuestion(proposal('first'))
  await recordDecision(record(state))
  expect(await putQuestion(proposal('second'))).toMatchObject({ ended: { state, by: 'Ada' } })
  expect(await kinds()).toHaveLength(2)
})

test.each(['expired', 'withdrawn', 'superseded'] as const)('what was %s may be asked again', async (state) => {
  const { putQuestion, recordDecision, kinds } = openLedger()
  await putQuestion(proposal('first'))
  await recordDecision(record(state))
  expect(await putQuestion(proposal('second'))).toEqual({ older: [], ended: null })
  expect(await kinds()).toEqual(['proposed', state, 'proposed'])
})

test('a candidate is superseded by newer ones alone', async () => {
  const { putQuestion, recordDecision, kinds } = openLedger()
  await putQuestion(proposal('first'))
  const superseded = record('superseded', { newer })
  await expect(recordDecision(superseded)).rejects.toMatchObject({ code: 'DECISION_REFUSED' })
  await putQuestion(proposal('second', newer))
  await expect(recordDecision(record('superseded', { model: newer, newer: model }))).rejects.toMatchObject({
    code: 'DECISION_REFUSED',
  })
  await recordDecision(superseded)
  expect(await kinds()).toEqual(['proposed', 'proposed', 'superseded'])
})

const STATES = ['approved', 'rejected', 'expired', 'withdrawn', 'superseded', 'outdated'] as const

test('any order of puts and ends leaves alternating entries', async () => {
  const step = fc.oneof(
    fc.record({ put: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ end: fc.constantFrom(...STATES), by: fc.constantFrom('Ada', 'Bo') }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { putQuestion, recordDecision, kinds } = openLedger()
      await putQuestion(proposal('begin'))
      for (const each of steps) {
        if ('put' in each) await putQuestion(proposal(`${each.put}`))
        else await recordDecision(record(each.end, { by: each.by })).catch(() => undefined)
      }
      const found = await kinds()
      for (const [i, kind] of found.entries()) expect(kind === 'proposed', found.join(' ')).toBe(i % 2 === 0)
      const decided = found.findIndex((kind) => kind === 'promoted' || kind === 'rejected')
      if (decided !== -1) expect(decided).toBe(found.length - 1)
    }),
    { numRuns: 60 },
  )
})
