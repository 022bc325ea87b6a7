// Promotion activities on a ledger in memory.
import { expect, test } from 'vitest'
import { changeOf, type DecisionRecord } from '../../stages/promote/ledger-changes.ts'
import { aModel } from '../workflows/builders.ts'
import { openTwins } from './twins.ts'

const at = '2026-01-02T03:04:05.000Z'
const older = aModel('older').digest
const newer = aModel('newer').digest

function record(model: string, changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    pipeline: 'demo',
    model,
    evaluation: 'e',
    replaces: null,
    at,
    commitId: `decision on ${model}`,
    state: 'approved',
    by: 'Ada',
    reason: 'good',
    via: 'update',
    ...changes,
  }
}

const proposal = (model: string) => ({
  pipeline: 'demo',
  model,
  evaluation: 'e',
  workflowId: `promote/demo/${model}`,
  at,
  commitId: `proposal of ${model}`,
})

test('only older proposals are superseded', async () => {
  const { activities } = openTwins()
  expect(await activities.propose(proposal(older))).toEqual([])
  expect(await activities.propose(proposal(newer))).toEqual([{ model: older, workflowId: `promote/demo/${older}` }])
  expect(await activities.propose(proposal(older))).toEqual([])
})

test('the champion is named with its key', async () => {
  const { activities } = openTwins()
  await activities.recordDecision(record(older))
  const { champion, last } = await activities.readStanding({ pipeline: 'demo', candidate: older })
  expect(champion).toEqual({ digest: older, key: `models/${older.slice(0, 2)}/${older}.json` })
  expect(last).toBe('promoted')
})

test('an approval of an overtaken candidate throws', async () => {
  const { activities } = openTwins()
  await activities.recordDecision(record(older))
  await expect(activities.recordDecision(record(newer))).rejects.toMatchObject({ code: 'CHAMPION_CHANGED' })
  await activities.recordDecision(record(newer, { replaces: older, commitId: 'again' }))
  expect((await activities.readStanding({ pipeline: 'demo', candidate: newer })).champion?.digest).toBe(newer)
})

test('a repeated record is one record', async () => {
  const { activities, keys } = openTwins()
  await activities.recordDecision(record(older))
  const before = await keys()
  await activities.recordDecision(record(older))
  expect(await keys()).toEqual(before)
})

test('the ledger says whose identity it is', () => {
  expect(changeOf(record(older))).toMatchObject({ kind: 'promoted', identity: 'stated', replaces: null })
  expect(changeOf(record(older, { via: 'timer', state: 'rejected' }))).toMatchObject({ identity: 'system' })
})

test('outdated candidates may be asked again', () => {
  expect(changeOf(record(older, { state: 'outdated', via: 'ledger', reason: 'late' }))).toEqual({
    kind: 'superseded',
    model: older,
    reason: 'late',
    at,
  })
})
